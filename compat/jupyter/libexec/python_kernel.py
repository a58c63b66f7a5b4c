"""Makes the Python that runs this a kernel of Jupyter: with its own ipykernel, else with ours, which fits one version of Python."""

import os
import sys

# The folder of this file, which is nobody's package.
del sys.path[0]
sys.path.append("/opt/jupyter/kernel/python%d.%d" % sys.version_info[:2])


def main():
    try:
        from ipykernel.kernelapp import IPKernelApp
    except Exception as problem:
        give_way(problem)
    given = os.environ.get("MPLBACKEND")
    app = IPKernelApp.instance()
    app.initialize()
    if not given:
        draw_inline(app.shell)
    app.start()


def give_way(problem):
    sys.stderr.write(
        "jupyter: %s (Python %d.%d) cannot be a kernel: %s. Install ipykernel in the science image to use it; "
        "Jupyter's own Python, without the image's packages, takes its place.\n"
        % ((sys.executable,) + tuple(sys.version_info[:2]) + (problem,))
    )
    own = "/opt/jupyter/bin/python3"
    os.execv(own, [own, "-I", "-m", "ipykernel_launcher"] + sys.argv[1:])


def draw_inline(shell):
    """ipykernel tells matplotlib through the environment where to draw. Programs started from a notebook inherit that and
    could not find the module it names, so it stands there only while a cell imports matplotlib."""
    backend = os.environ.pop("MPLBACKEND", None)
    if backend is None or shell is None:
        return

    class Finder:
        @staticmethod
        def find_spec(name, path=None, target=None):
            if name == "matplotlib":
                os.environ["MPLBACKEND"] = backend

    sys.meta_path.insert(0, Finder)
    shell.events.register("post_execute", lambda: os.environ.pop("MPLBACKEND", None))


main()
