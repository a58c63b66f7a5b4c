import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { junitXml } from "../../src/run/junit-xml.ts";
import { dataLayers, operator } from "./operator.ts";

describe("a JUnit report", () => {
  it("has the characters that XML has, and the others in words", () => {
    const text = 'a\u0000b\u001b[1m <&"> \ufffe \ud800 é 😀\tx\n';
    const xml = junitXml(
      [
        {
          name: "s<1>",
          time: 1,
          cases: [{ name: 'n"1"\n', time: 0.5, result: { kind: "failure", message: "m", text } }],
        },
      ],
      "all",
    );
    expect(xml).toContain('<testsuite name="s&lt;1&gt;" tests="1" failures="1" errors="0" skipped="0" time="1.000">');
    expect(xml).toContain('name="n&quot;1&quot;&#10;"');
    expect(xml).toContain(">a\\x00b\\x1b[1m &lt;&amp;&quot;&gt; \ufffd \\ud800 é 😀\tx\n</failure>");
  });

  it("has a suite for each build: those that are made, and those that are there", async () => {
    const { made, push } = await operator(dataLayers("a"));
    const junit = join(made.path, "reports/junit.xml");
    await push({ since: "all", junit });
    expect(readFileSync(junit, "utf8").match(/<testsuite .*?errors="\d" skipped="\d"/g)).toEqual([
      '<testsuite name="science/a" tests="1" failures="0" errors="0" skipped="0"',
      '<testsuite name="compat/a:1.0" tests="1" failures="0" errors="0" skipped="0"',
    ]);
    await push({ since: "all", junit });
    expect(readFileSync(junit, "utf8").match(/it is published already/g)).toHaveLength(2);
  });

  it("that cannot be written is said before anything is built", async () => {
    const { made, push } = await operator(dataLayers("a"));
    await expect(push({ since: "all", junit: join(made.path, "image-builder.json/junit.xml") })).rejects.toThrow(
      "no report can be written to",
    );
  });
});
