import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readApk } from "../../src/contents/apk.ts";
import { readConda } from "../../src/contents/conda.ts";
import { readCopyright, readDpkgStatus } from "../../src/contents/dpkg.ts";
import { readElf } from "../../src/contents/elf.ts";
import { readJulia } from "../../src/contents/julia.ts";
import { readNpm } from "../../src/contents/npm.ts";
import { readPythonMetadata } from "../../src/contents/python.ts";
import { readRPackage } from "../../src/contents/r.ts";
import { readRpmDatabase } from "../../src/contents/rpm.ts";

const stanza = (name: string, state: string, rest = ""): string =>
  `Package: ${name}\nStatus: install ok ${state}\nVersion: 1.0-1\nArchitecture: amd64\n${rest}\n`;

describe("a dpkg database", () => {
  it("has the packages that are there, whole or not, and not those of which only configuration is left", () => {
    const states = ["installed", "config-files", "half-configured", "not-installed", "unpacked", "triggers-pending"];
    const { packages, problem } = readDpkgStatus(states.map((state) => stanza(`p-${state}`, state)).join("\n"));
    expect(packages.map(({ name, state }) => [name, state])).toEqual([
      ["p-installed", undefined],
      ["p-half-configured", "half-configured"],
      ["p-unpacked", "unpacked"],
      ["p-triggers-pending", "triggers-pending"],
    ]);
    expect(problem).toBeUndefined();
  });

  it("gives size in bytes and the source package by its name alone", () => {
    const { packages } = readDpkgStatus(
      stanza("a", "installed", "Installed-Size: 3\nSource: b (2.0)\nDescription: x\n Version: no\n"),
    );
    expect(packages).toEqual([{ name: "a", version: "1.0-1", architecture: "amd64", source: "b", size: 3072 }]);
  });

  it("is read on behind a record that is broken", () => {
    const { packages, problem } = readDpkgStatus(
      `${stanza("a", "installed")}\nPackage: b\nStat\n\n${stanza("c", "installed")}`,
    );
    expect(packages.map(({ name }) => name)).toEqual(["a", "c"]);
    expect(problem).toBe("1 of its records have no name, version or state");
  });

  it("says nothing of licences in a copyright file that only people can read", () => {
    expect(readCopyright("This is free.\nLicense: of mine\n")).toBeUndefined();
    const text =
      "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nLicense: MIT\n text\n\nLicense: GPL-2+\n";
    expect(readCopyright(text)).toBe("GPL-2+, MIT");
  });
});

describe("an RPM database", () => {
  const fixture = (name: string): Buffer => gunzipSync(readFileSync(new URL(`./fixtures/${name}.gz`, import.meta.url)));
  const none = (): boolean => false;

  it("is what its file and the committed part of its write-ahead log say together", () => {
    const [file, log] = [fixture("rpmdb.sqlite"), fixture("rpmdb.sqlite-wal")];
    expect(readRpmDatabase(file, undefined, none).packages).toHaveLength(30);
    const { packages } = readRpmDatabase(file, log, (path) => path === "opt/alpha/file");
    expect(packages).toHaveLength(3);
    expect(packages.find(({ name }) => name === "alpha")).toEqual({
      name: "alpha",
      version: "1:1.2-3",
      architecture: "noarch",
      origin: "Here",
      source: "alpha-1.2-3.src.rpm",
      licence: "BSD-3-Clause",
      size: 6,
      owns: ["opt/alpha/file"],
    });
  });

  it("is unreadable when it is cut off, runs in a circle or is none", () => {
    const file = fixture("rpmdb.sqlite");
    expect(() => readRpmDatabase(file.subarray(0, 20_000), undefined, none)).toThrow("is missing");
    expect(() => readRpmDatabase(Buffer.from("x".repeat(600)), undefined, none)).toThrow("no SQLite database");
    const circle = Buffer.from(file);
    // The first page becomes an inner one whose only child is itself.
    circle.writeUInt8(5, 100);
    circle.writeUInt16BE(0, 103);
    circle.writeUInt32BE(1, 108);
    expect(() => readRpmDatabase(circle, undefined, none)).toThrow("circle");
  });
});

describe("a record of one package", () => {
  it("of R is what R itself reads", () => {
    const bytes = Buffer.from(
      "H4sIAAAAAAAAA3VTUW/aMBA2ISzAtLUS0qa9+WXSNCkRpKjrCprawh6QWItCNvUNeckVPJI4sp1t/PltBuyUoPXB8X13Z/vu+y73bYRQHdmWheoNZaKX17fzyeL+zOu7vY/nFyrYUd4mQtap2tvIRq0tjlia0wS4xo2+53u+BvZ3IkDbr8IV4ACPdDqekWhNlib6dlqsAYcUeAYbPEwUcuUeXRWU/SIexMUnnexvr+EqHUiKhzFzCwHuiGWSRNIlccxBiCvu5pz9gEh6jC/NyfeBu4IkxymhCc2WOKFC4iHfOf9/4s3NRgKOWLz96NIfGMeBpxNOZoRLzB5Ub4etv9NwgAfY7/pnbrfn+l3cu7j0+5e9D/hrOBrgIqO/FUuWyq8Z/jKSglDGIclOlSznG3BBWWYkmHHKOJUbc0VIZWJyn10XcsWMOu0vhCqaaFbq5WjeNHw+BhFxmsvH650pjSArdWzcFDSRyvijJmE7EbaejJpaL3YztPMha7+q3UUJEaa7unaeBguxERLSxc9KXyf5vutjd1akwGlUunel7G40z6Aj/PoJBY7S7Ec9an91zNaxWlCynRCpJiA1h8ZElmTfzeUmB12RWR1d0RN75blmqcPn+SiYzMLJ3W2VeF1FEEMOWSw0bhls5s8ZV+LNebFcgpAGO5M0Z7yErSnN1uqHCNm+HsvUY6jpaC0OxsPftvcPGU85sDYEAAA=",
      "base64",
    );
    expect(readRPackage(bytes, 100_000)).toMatchObject({ name: "compiler", version: "4.2.2", origin: "base" });
    expect(() => readRPackage(bytes.subarray(0, 200), 100_000)).toThrow();
    expect(() => readRPackage(bytes, 100)).toThrow();
    expect(() => readRPackage(Buffer.from("BZh9"), 100)).toThrow("XDR");
  });

  it("of Python takes the licence from where there is one of words", () => {
    const head = "Metadata-Version: 2.1\nName: a\nVersion: 1\n";
    expect(readPythonMetadata(`${head}License: MIT\n\nVersion: 2\n`)).toEqual({
      name: "a",
      version: "1",
      licence: "MIT",
    });
    const classifier = "License: UNKNOWN\nClassifier: License :: OSI Approved :: BSD License\n";
    expect(readPythonMetadata(head + classifier)?.licence).toBe("BSD License");
    expect(readPythonMetadata("Name: a\n")).toBeUndefined();
  });

  it("of conda has its channel without a login, and its own records of Python", () => {
    const json = {
      name: "a",
      version: "1",
      channel: "https://me:secret@host/t/token/main",
      files: ["x.py", "a.dist-info/METADATA"],
    };
    const read = readConda(JSON.stringify(json), "opt/conda", (path) => path.endsWith("METADATA"));
    expect(read).toEqual({
      name: "a",
      version: "1",
      origin: "https://host/main",
      owns: ["opt/conda/a.dist-info/METADATA"],
    });
    expect(readConda('{"name": "a"', "", () => true)).toBeUndefined();
  });

  it("of npm may have its licence in the older form, and is none without a version", () => {
    expect(readNpm('{"name":"a","version":"1","licenses":[{"type":"MIT"}]}')).toEqual({
      name: "a",
      version: "1",
      licence: "MIT",
    });
    expect(readNpm('{"type":"module"}')).toBeUndefined();
    expect(readNpm("{")).toBe("broken");
  });

  it("of Julia ends where its first table begins", () => {
    const text = 'name = "Example"\nuuid = "7876af07"\n[compat]\nversion = "9"\n';
    expect(readJulia(text, "x/packages/Example/aBcDe/Project.toml")).toEqual({ name: "Example", version: "" });
    expect(readJulia(text, "usr/share/julia/stdlib/v1.10/Example/Project.toml")?.version).toBe("1.10");
  });

  it("of Alpine has its files by folder", () => {
    const text =
      "P:py3-a\nV:1-r0\nA:x86_64\nL:MIT\no:a\nI:10\nF:usr/lib\nR:b\nF:usr/lib/a.dist-info\nR:METADATA\n\nP:broken\n\n";
    const { packages, problem } = readApk(text, (path) => path.endsWith("METADATA"));
    expect(packages).toEqual([
      {
        name: "py3-a",
        version: "1-r0",
        architecture: "x86_64",
        source: "a",
        licence: "MIT",
        size: 10,
        owns: ["usr/lib/a.dist-info/METADATA"],
      },
    ]);
    expect(problem).toContain("1 of");
  });
});

describe("a shared library", () => {
  /** Header, PT_LOAD and PT_DYNAMIC of a 64-bit library, a dynamic section at 200 and strings at 300. */
  function library(soname: string): Buffer {
    const bytes = Buffer.alloc(400);
    bytes.write("\x7fELF\x02\x01", "latin1");
    bytes.writeUInt16LE(62, 18);
    bytes.writeBigUInt64LE(64n, 32);
    bytes.writeUInt16LE(56, 54);
    bytes.writeUInt16LE(2, 56);
    for (const [at, type, offset, size] of [
      [64, 1, 0, 400],
      [120, 2, 200, 48],
    ] as const) {
      bytes.writeUInt32LE(type, at);
      bytes.writeBigUInt64LE(BigInt(offset), at + 8);
      bytes.writeBigUInt64LE(BigInt(offset + 0x1000), at + 16);
      bytes.writeBigUInt64LE(BigInt(size), at + 32);
    }
    for (const [at, tag, value] of [
      [200, 5, 0x1000 + 300],
      [216, 14, 1],
    ] as const) {
      bytes.writeBigUInt64LE(BigInt(tag), at);
      bytes.writeBigUInt64LE(BigInt(value), at + 8);
    }
    bytes.write(soname, 301, "latin1");
    return bytes;
  }

  it("has the name that other programs look it up by", () => {
    expect(readElf(library("libx.so.1"))).toEqual({ machine: "64/62", soname: "libx.so.1" });
    expect(readElf(library("libx.so.1").subarray(0, 290))).toEqual({ machine: "64/62" });
    expect(readElf(Buffer.alloc(400))).toBeUndefined();
  });
});
