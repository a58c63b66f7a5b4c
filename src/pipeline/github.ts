import type { PipelineOptions, PipelineSystem } from "./model.ts";
import { buildsPerJob, heading, refreshed, threeTimes } from "./words.ts";

/** https://docs.github.com/actions/reference/workflow-syntax-for-github-actions; 256 jobs of a matrix. */
export const github: PipelineSystem = {
  name: "github",
  mostParts: 256,
  files: (options) => [{ path: ".github/workflows/image-builder.yml", text: workflow(options) }],
};

const workflow = (options: PipelineOptions): string => `${heading("github")}
# It needs the secrets REGISTRY_USER and REGISTRY_PASSWORD, and runners that have Docker and Node.
name: images
on:
  pull_request:
  push: { branches: [${JSON.stringify(options.branch)}] }
  schedule:
    - cron: "17 2 * * *" # each night: what the registry lacks
    - cron: "17 4 * * 1" # on Mondays: the interfaces anew, with the updates of their packages
  workflow_dispatch:
permissions: { contents: read }
# One run publishes at a time. Of those that wait the newest is kept, and makes what the others would have made.
concurrency:
  group: images-\${{ github.event.number || 'publish' }}
  cancel-in-progress: \${{ github.event_name == 'pull_request' }}
env: { REGISTRY: ${JSON.stringify(options.registry)} }
jobs:
  check:
    if: github.event_name == 'pull_request'
    runs-on: ubuntu-latest
    permissions: { contents: read, pull-requests: write }
    steps:
      - uses: actions/checkout@v4
        with: { fetch-depth: 0 }
      - run: ${options.program} check
      - run: ${options.program} plan --since "origin/$GITHUB_BASE_REF" --format markdown --output plan.md
      - run: cat plan.md >> "$GITHUB_STEP_SUMMARY"
      - if: github.event.pull_request.head.repo.full_name == github.repository
        env: { GH_TOKEN: "\${{ github.token }}", PR: "\${{ github.event.number }}" }
        run: gh pr comment "$PR" --edit-last --body-file plan.md || gh pr comment "$PR" --body-file plan.md
  plan:
    if: github.event_name != 'pull_request'
    runs-on: ubuntu-latest
    outputs: { parts: "\${{ steps.parts.outputs.parts }}" }
    steps:
      - uses: actions/checkout@v4
        with: { fetch-depth: 0 }
${login}
      - env: { REFRESH: "\${{ github.event.schedule == '17 4 * * 1' && '${refreshed(options)}' || '' }}" }
        run: ${options.program} plan --since published $REFRESH --pin --format json --output plan.json
      - id: parts
        run: jq -c '(.builds | length / ${buildsPerJob} | ceil) as $n | "parts=\\([range(1; ([$n, ${options.parts}] | min) + 1)])"' -r plan.json >> "$GITHUB_OUTPUT"
      - uses: actions/upload-artifact@v4
        with: { name: plan, path: plan.json }
  build:
    needs: plan
    if: needs.plan.outputs.parts != '[]'
    runs-on: ubuntu-latest
    strategy:
      fail-fast: false
      matrix: { part: "\${{ fromJSON(needs.plan.outputs.parts) }}" }
    steps:
      - uses: actions/checkout@v4
        with: { fetch-depth: 0 }
${login}
      - uses: actions/download-artifact@v4
        with: { name: plan }
      - env: { PART: "\${{ matrix.part }}/\${{ strategy.job-total }}" }
        run: ${threeTimes(`${options.program} build --plan plan.json --shard "$PART" --push --results results`)}
      - if: always()
        uses: actions/upload-artifact@v4
        with: { name: "results-\${{ matrix.part }}", path: results, if-no-files-found: ignore }
  publish:
    needs: [plan, build]
    if: \${{ !cancelled() && needs.plan.result == 'success' && needs.build.result != 'skipped' }}
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with: { fetch-depth: 0 }
${login}
      - uses: actions/download-artifact@v4
        with: { name: plan }
      - uses: actions/download-artifact@v4
        with: { pattern: results-*, path: results, merge-multiple: true }
      - run: ${threeTimes(`${options.program} publish --plan plan.json --results results`)}
`;

const login = `      - env: { LOGIN: "\${{ secrets.REGISTRY_USER }}", PASSWORD: "\${{ secrets.REGISTRY_PASSWORD }}" }
        run: echo "$PASSWORD" | docker login "$REGISTRY" --username "$LOGIN" --password-stdin`;
