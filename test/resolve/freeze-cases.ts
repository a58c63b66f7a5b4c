import type { FreezeVerdict } from "../../src/resolve/model.ts";

/** An interface layer on the science image below, and what its users get. */
export interface FreezeCase {
  readonly name: string;
  readonly fragment: string;
  readonly verdict: FreezeVerdict;
  /** Questions of the probe that a container answers in another way than one of the science image. */
  readonly differs: readonly string[];
  /** What became of owners and modes, and of what. */
  readonly attribute?: readonly [kind: string, path: string];
}

export const scienceDockerfile = `FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends python3-numpy python3-pip python3-venv r-base-core r-cran-rlang libgsl27 fontconfig fonts-dejavu-core && rm -rf /var/lib/apt/lists/*
RUN python3 -m venv --system-site-packages /opt/sci && printf 'x=1\\n' > /opt/sci/lib/python3.11/site-packages/stars.py \\
 && mkdir -p /usr/local/share/jupyter/kernels/sci && printf '{"argv":["/opt/sci/bin/python3","-m","ipykernel_launcher","-f","{connection_file}"],"display_name":"Python 3","language":"python"}' > /usr/local/share/jupyter/kernels/sci/kernel.json
ENV LANG=C.UTF-8
`;

/** What programs say of themselves, on a line each. */
const inPython = `import ctypes
def maps(*names):
    return sorted({l.split()[-1] for l in open("/proc/self/maps") if any(n in l for n in names)})
print("preload=%s" % maps("gslcblas"))
ctypes.CDLL("libgsl.so.27")
print("gsl=%s" % maps("libgsl.so"))
import numpy.linalg
print("blas=%s" % maps("blas.so", "lapack.so", "libblas"))
`;

/** Each line that is another is a change that users get. */
export const probe = `p(){ printf '%s=%s\n' "$1" "$(eval "$2" 2>/dev/null | tr '\n' ' ' | sed 's/ *$//')"; }
n='import numpy; print(numpy.__version__)'
python3 -c 'import numpy; print("py=" + numpy.__version__); print("py_file=" + numpy.__file__)' 2>/dev/null
p py_abs "/usr/bin/python3 -c '$n'"
p py_login "bash -lc \\"python3 -c '$n'\\""
p py_bash "bash -c \\"python3 -c '$n'\\""
p venv '/opt/sci/bin/python3 -c "import numpy, stars; print(numpy.__version__, stars.x)"'
p json 'python3 -c "import json; print(json.dumps(1))"'
p pip 'python3 -c "import pip; print(pip.__version__)"'
p which 'readlink -f $(command -v python3)'
Rscript -e 'cat("R_option=", getOption("case"), "\\nR=", tryCatch(as.character(packageVersion("rlang")), error = function(e) "none"), "\\n", sep = "")' 2>/dev/null
p whichR 'readlink -f $(command -v R)'
/usr/bin/python3 -I -c '${inPython}' 2>/dev/null
p kernel 'cat $(find /root/.local/share/jupyter/kernels /usr/local/share/jupyter/kernels -path "*/sci/kernel.json" | head -n 1)'
p deb 'dpkg-query -W -f "\\\${Version}" python3-numpy'
p fonts 'fc-list | wc -l'
p f2py 'command -v f2py'
`;

const noLists = "rm -rf /var/lib/apt/lists/*";
const install = (name: string): string =>
  `RUN apt-get update && apt-get install -y --no-install-recommends ${name} && ${noLists}`;
const site = "/usr/local/lib/python3.11/dist-packages";
const everyNumpy = ["py", "py_file", "py_abs", "py_login", "py_bash", "venv"];
const rlang = (library: string): string =>
  `RUN mkdir -p ${library} && cp -r /usr/lib/R/site-library/rlang ${library}/ && sed -i "s/^Version: .*/Version: 9.9.9/" ${library}/rlang/DESCRIPTION && ` +
  `Rscript -e "f<-\\"${library}/rlang/Meta/package.rds\\"; p<-readRDS(f); p\\$DESCRIPTION[\\"Version\\"]<-\\"9.9.9\\"; saveRDS(p,f)"`;
const otherGsl = (folder: string): string =>
  `RUN mkdir -p ${folder} && cp /usr/lib/x86_64-linux-gnu/libgsl.so.27 ${folder}/ && printf x >> ${folder}/libgsl.so.27`;

const same = (name: string, fragment: string, verdict: FreezeVerdict = "same"): FreezeCase => ({
  name,
  fragment,
  verdict,
  differs: [],
});
const other = (
  name: string,
  fragment: string,
  differs: readonly string[],
  verdict: FreezeVerdict = "changed",
): FreezeCase => ({
  name,
  fragment,
  verdict,
  differs,
});

/** Users get the same, or the same and more. */
export const harmless: readonly FreezeCase[] = [
  same("apt adds a program", install("tini"), "added"),
  same("apt adds a module", install("python3-six"), "added"),
  same("apt adds libraries and a program", install("jq"), "added"),
  same("a user is added", "RUN useradd -m -u 1000 idies"),
  same("a user is added to groups that are there", "RUN useradd -m -u 1000 -G users,audio idies && groupadd more"),
  same("another user runs it", "RUN useradd -m -u 1000 idies\nUSER 1000"),
  same("configuration", 'WORKDIR /home\nENTRYPOINT ["/bin/sh"]\nCMD ["-c","true"]\nEXPOSE 8888'),
  same(
    "Python compiles again",
    'RUN python3 -c "import numpy.linalg, venv, sqlite3" && python3 -m compileall -q -f /usr/lib/python3.11/json',
  ),
  same("what Python compiled is deleted", "RUN find / -xdev -name __pycache__ -prune -exec rm -rf {} +"),
  same("a touched file", "RUN touch /usr/lib/python3/dist-packages/numpy/__init__.py"),
  same("variables", "ENV OMP_NUM_THREADS=1 LANG=C MPLBACKEND=agg"),
  same("variables of Python", "ENV PYTHONNOUSERSITE=1 PYTHONDONTWRITEBYTECODE=1"),
  same(
    "python3 in front on PATH is a link to a link in a virtual environment",
    `RUN mkdir -p /opt/ui/bin && ln -s /usr/bin/python3.11 /opt/ui/bin/python3 && printf "home = /usr/bin\\ninclude-system-site-packages = false\\n" > /opt/ui/pyvenv.cfg && ln -s /opt/ui/bin/python3 /usr/local/bin/python3\nCOPY jup /opt/ui/lib/python3.11/site-packages`,
    "added",
  ),
  same(
    "the same library through /lib",
    "COPY --from=science /usr/lib/x86_64-linux-gnu/libgsl.so.27 /lib/x86_64-linux-gnu/libgsl.so.27",
  ),
  same("another library that ldconfig does not know", otherGsl("/opt/gsl")),
  same(
    "a folder for ldconfig, which does not run",
    `${otherGsl("/opt/gsl")} && echo /opt/gsl > /etc/ld.so.conf.d/00-gsl.conf`,
  ),
  same("a link to R", "RUN ln -s /usr/bin/R /usr/local/bin/R"),
  {
    ...same("a link to a package", `RUN ln -s /usr/lib/python3/dist-packages/numpy ${site}/numpy`),
    differs: ["py_file"],
  },
  same(
    "a folder without a package on PYTHONPATH",
    "RUN mkdir -p /opt/data/numpy && touch /opt/data/numpy/data.txt\nENV PYTHONPATH=/opt/data",
  ),
  same("a module behind the standard library", `RUN echo "x" > ${site}/json.py`),
  same(
    "a new package by pip",
    "COPY new /tmp/\nRUN pip install --break-system-packages --no-index --no-deps /tmp/*.whl && rm /tmp/*.whl",
    "added",
  ),
  same(
    "habits of a login shell",
    "RUN printf \"alias ll='ls -l'\\numask 022\\nexport EDITOR=vi\\n[ -t 0 ] && echo hello\\n\" > /etc/profile.d/habits.sh",
  ),
  same("caches and logs are deleted", "RUN rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/* /root/.cache"),
  same(
    "another kernel",
    `RUN mkdir -p /usr/local/share/jupyter/kernels/more && printf '{"argv":["bash"],"display_name":"More"}' > /usr/local/share/jupyter/kernels/more/kernel.json`,
    "added",
  ),
  same(
    "a prefix last on PATH",
    "COPY jup /opt/ui/lib/python3.11/site-packages\nRUN mkdir -p /opt/ui/bin && ln -s /usr/bin/python3.11 /opt/ui/bin/python3\nENV PATH=$PATH:/opt/ui/bin",
  ),
  { ...same("a folder that is a link now", "RUN mv /opt/sci /srv/sci && ln -s /srv/sci /opt/sci", "moved") },
];

/** Users get something else. */
export const harmful: readonly FreezeCase[] = [
  other(
    "dpkg upgrades numpy",
    `RUN apt-get update && cd /tmp && apt-get download python3-numpy && dpkg-deb -R python3-numpy*.deb np && sed -i 's/^Version: .*/Version: 1:1.24.3-1/' np/DEBIAN/control && dpkg-deb -Znone -b np np.deb && dpkg -i np.deb && rm -rf /tmp/* && ${noLists}`,
    ["deb"],
  ),
  other(
    "pip installs into /usr/local",
    "COPY numpy /tmp/\nRUN pip install --break-system-packages --no-index --no-deps /tmp/*.whl && rm /tmp/*.whl",
    [...everyNumpy, "blas", "f2py"],
  ),
  other(
    "a prefix first on PATH",
    `RUN mkdir -p /opt/conda/bin && ln -s /usr/bin/python3.11 /opt/conda/bin/python3 && ln -s python3 /opt/conda/bin/python && printf "home = /usr/bin\\ninclude-system-site-packages = false\\n" > /opt/conda/pyvenv.cfg\nCOPY jup /opt/conda/lib/python3.11/site-packages\nENV PATH=/opt/conda/bin:$PATH`,
    ["py", "py_file", "py_bash", "pip"],
    "removed",
  ),
  other(
    "a .pth line that runs code",
    `COPY jup /opt/jup\nRUN echo "import sys; sys.path.insert(0, \\"/opt/jup\\")" > ${site}/jup.pth`,
    [...everyNumpy, "blas"],
    "undecided",
  ),
  other("a .pth line that names a folder", `COPY jup /opt/jup\nRUN echo /opt/jup > ${site}/jup.pth`, [
    ...everyNumpy,
    "blas",
  ]),
  other("PYTHONPATH", "COPY jup /opt/jup\nENV PYTHONPATH=/opt/jup", everyNumpy),
  other(
    "an archive on PYTHONPATH",
    `COPY jup /opt/jup\nRUN cd /opt/jup && python3 -m zipfile -c /opt/jup.zip numpy\nENV PYTHONPATH=/opt/jup.zip`,
    everyNumpy,
    "undecided",
  ),
  other(
    "sitecustomize and usercustomize",
    `COPY jup /opt/jup\nRUN for f in usercustomize sitecustomize; do printf "import sys\\nsys.path.insert(0,\\"/opt/jup\\")\\n" > ${site}/$f.py; done`,
    everyNumpy,
    "undecided",
  ),
  other("apt brings another BLAS", install("libopenblas0-pthread"), ["blas"]),
  other(
    "profile.d sets PYTHONPATH",
    'COPY jup /opt/jup\nRUN echo "export PYTHONPATH=/opt/jup" > /etc/profile.d/jup.sh',
    ["py_login"],
  ),
  other(
    "profile.d runs a program",
    "COPY jup /opt/jup\nRUN printf '#!/bin/sh\\necho export PYTHONPATH=/opt/jup\\n' > /usr/bin/say && chmod +x /usr/bin/say && echo 'eval \"$(say)\"' > /etc/profile.d/jup.sh",
    ["py_login"],
    "undecided",
  ),
  other(
    "the user's profile sets PATH",
    "COPY jup /opt/ui/lib/python3.11/site-packages\nRUN mkdir -p /opt/ui/bin && ln -s /usr/bin/python3.11 /opt/ui/bin/python3 && printf \"home = /usr/bin\\n\" > /opt/ui/pyvenv.cfg && echo 'PATH=/opt/ui/bin:$PATH' >> /root/.profile",
    ["py_login"],
  ),
  other(
    "BASH_ENV",
    "COPY jup /opt/jup\nRUN echo export PYTHONPATH=/opt/jup > /etc/bash_env\nENV BASH_ENV=/etc/bash_env",
    ["py_login", "py_bash"],
    "undecided",
  ),
  other("a package of R is purged", "RUN dpkg --purge --force-depends r-cran-rlang", ["R"], "removed"),
  other("a package in R's local library", rlang("/usr/local/lib/R/site-library"), ["R"]),
  other("a package in the user's library of R", rlang("/root/R/x86_64-pc-linux-gnu-library/4.2"), ["R"]),
  other("Renviron.site", `${rlang("/opt/rlib")} && echo R_LIBS=/opt/rlib > /etc/R/Renviron.site`, ["R"]),
  other("R_LIBS_SITE", `${rlang("/opt/rlib")}\nENV R_LIBS_SITE=/opt/rlib:/usr/lib/R/site-library`, ["R"]),
  other("a site profile of R", "RUN echo 'options(case = 1)' >> /etc/R/Rprofile.site", ["R_option"]),
  other("a user's profile of R", "RUN echo 'options(case = 1)' > /root/.Rprofile", ["R_option"], "undecided"),
  other(
    "a user's site",
    "RUN useradd -m -u 1000 idies\nCOPY --chown=1000 jup /home/idies/.local/lib/python3.11/site-packages\nUSER 1000",
    everyNumpy,
  ),
  other("PYTHONUSERBASE", "COPY jup /opt/user/lib/python3.11/site-packages\nENV PYTHONUSERBASE=/opt/user", everyNumpy),
  other(
    "a working folder that holds a module",
    "RUN mkdir /work && echo 'dumps = lambda x: 7' > /work/json.py\nWORKDIR /work",
    [...everyNumpy, "json"],
  ),
  other("fonts are removed", "RUN rm -rf /usr/share/fonts/truetype/dejavu && fc-cache -f", ["fonts"], "removed"),
  other("a file of the environment is edited", 'RUN echo "x=2" > /opt/sci/lib/python3.11/site-packages/stars.py', [
    "venv",
  ]),
  other(
    "a wrapper of R",
    `RUN printf "#!/bin/sh\\nexec /usr/bin/R --no-environ \\"\\$@\\"\\n" > /usr/local/bin/R && chmod +x /usr/local/bin/R`,
    ["whichR"],
  ),
  other(
    "a wrapper of Python",
    `COPY jup /opt/jup\nRUN printf "#!/bin/sh\\nPYTHONPATH=/opt/jup exec /usr/bin/python3 \\"\\$@\\"\\n" > /usr/local/bin/python3 && chmod +x /usr/local/bin/python3`,
    ["py", "py_file", "py_login", "py_bash", "which"],
  ),
  other("ld.so.preload", "RUN echo /usr/lib/x86_64-linux-gnu/libgslcblas.so.0 > /etc/ld.so.preload", ["preload"]),
  other("LD_PRELOAD", "ENV LD_PRELOAD=libgslcblas.so.0", ["preload"]),
  other("LD_LIBRARY_PATH", `${otherGsl("/opt/gsl")}\nENV LD_LIBRARY_PATH=/opt/gsl`, ["gsl"]),
  other("another library that ldconfig finds first", `${otherGsl("/usr/local/lib")} && ldconfig`, ["gsl"]),
  other(
    "a kernel of the user in the place of another",
    `RUN mkdir -p /root/.local/share/jupyter/kernels/sci && printf '{"argv":["/usr/bin/python3","-m","ipykernel_launcher"],"display_name":"Python 3"}' > /root/.local/share/jupyter/kernels/sci/kernel.json`,
    ["kernel"],
    "removed",
  ),
  other("an environment that its user may not enter", "RUN chmod 700 /opt/sci\nUSER nobody", ["venv"], "removed"),
  other(
    "Python is removed",
    "RUN rm /usr/bin/python3.11",
    [...everyNumpy, "json", "pip", "which", "preload", "gsl", "blas"],
    "removed",
  ),
];

/** Nobody gets another file. */
export const attributes: readonly FreezeCase[] = [
  { ...same("chown", "RUN chown -R 1000:1000 /opt/sci"), attribute: ["ownership", "/opt/sci"] },
  { ...same("setuid", "RUN chmod u+s /usr/bin/python3.11"), attribute: ["setuid", "/usr/bin/python3.11"] },
  {
    ...same("a new setgid program", "RUN cp /bin/true /usr/local/sbin/x && chmod 2755 /usr/local/sbin/x", "added"),
    attribute: ["setgid", "/usr/local/sbin/x"],
  },
  {
    ...same("modes", "RUN chmod o-r /usr/share/fonts/truetype/dejavu/*"),
    attribute: ["mode", "/usr/share/fonts/truetype/dejavu"],
  },
];
