import type { PipelineOptions, PipelineSystem } from "./model.ts";
import { buildsPerJob, heading, refreshed } from "./words.ts";

/** https://slurm.schedmd.com/sbatch.html; MaxArraySize is 1001 where a site has not changed it. */
export const slurm: PipelineSystem = {
  name: "slurm",
  mostParts: 1000,
  files: (options) => [{ path: "image-builder.slurm", text: script(options) }],
};

const script = (options: PipelineOptions): string => `#!/bin/bash
${heading("slurm")}
# usage, from cron or scrontab, in a clone that all nodes see: bash image-builder.slurm [OPTION OF PLAN…]
#   each night: without options, for what the registry lacks
#   each week:  ${refreshed(options)}
# It needs nodes that have Docker and Node, and a login at ${options.registry}. Proposed changes are checked where they
# are proposed, with: image-builder check; image-builder plan --since origin/${options.branch} --format markdown
set -euo pipefail
cd "$(git rev-parse --show-toplevel)"
git pull --quiet --ff-only origin ${quoted(options.branch)}
mkdir -p "$PWD/.git/image-builder/slurm"
find "$PWD/.git/image-builder/slurm" -mindepth 1 -maxdepth 1 -mtime +30 -exec rm -rf {} +
run=$(mktemp -d "$PWD/.git/image-builder/slurm/$(date +%Y%m%d-%H%M%S)-XXXX")
${options.program} plan --since published "$@" --pin --format json --output "$run/plan.json"
builds=$(node -p 'JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")).builds.length' "$run/plan.json")
[ "$builds" -gt 0 ] || { echo "nothing is to be built"; exit 0; }
parts=$(((builds + ${buildsPerJob - 1}) / ${buildsPerJob}))
[ "$parts" -le ${options.parts} ] || parts=${options.parts}
cat >"$run/job" <<'JOB'
#!/bin/bash
# usage: job RUN COMMAND…   in a clone of its own, at the commit of the plan
run=$1
shift
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
commit=$(node -p 'JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")).commit' "$run/plan.json")
origin=\${run%/.git/image-builder/*}
git clone --quiet --no-checkout "$origin" "$work/clone" && cd "$work/clone" && git checkout --quiet "$commit" || exit 1
git remote set-url origin "$(git -C "$origin" remote get-url origin)"
${options.program} "$@" --plan "$run/plan.json" --results "$run/results"
code=$?
# 75: the infrastructure failed, and what was built stays in the registry.
if [ $code -eq 75 ] && [ "\${SLURM_RESTART_COUNT:-0}" -lt 2 ]; then
  scontrol requeue "\${SLURM_ARRAY_JOB_ID:-$SLURM_JOB_ID}\${SLURM_ARRAY_TASK_ID:+_$SLURM_ARRAY_TASK_ID}"
fi
exit $code
JOB
shard="\\$SLURM_ARRAY_TASK_ID/$parts"
build=$(sbatch --parsable --job-name=image-builder-build --array="1-$parts" --requeue --output="$run/build-%a.log" \\
  --wrap "exec bash '$run/job' '$run' build --push --shard $shard")
# It says what is missing, and why, also after a part has failed. One job of this name runs at a time.
sbatch --job-name=image-builder-publish --dependency="afterany:$build,singleton" --requeue --output="$run/publish.log" \\
  --wrap "exec bash '$run/job' '$run' publish"
echo "logs: $run"
`;

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
