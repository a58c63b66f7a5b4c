import type { PipelineOptions, PipelineSystem } from "./model.ts";
import { heading, refreshed } from "./words.ts";

/** https://docs.gitlab.com/ci/yaml; `parallel` takes 200 jobs. */
export const gitlab: PipelineSystem = {
  name: "gitlab",
  mostParts: 200,
  files: (options) => [{ path: ".gitlab-ci.yml", text: pipeline(options) }],
};

const pipeline = (options: PipelineOptions): string => `${heading("gitlab")}
# It needs runners with the tag "docker" that have Docker and Node, and the masked variables REGISTRY_USER and REGISTRY_PASSWORD.
# Schedules: one without variables makes what the registry lacks; one with REFRESH="${refreshed(options)}"
# also builds the interfaces anew, with the updates of their packages.
stages: [check, plan, build, publish]
variables:
  GIT_DEPTH: "0"
  REGISTRY: ${JSON.stringify(options.registry)}
  REFRESH: ""
default:
  tags: [docker]
workflow:
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == ${JSON.stringify(options.branch)}
.publishing:
  rules:
    - if: $CI_COMMIT_BRANCH == ${JSON.stringify(options.branch)}
  # 75: the infrastructure failed, and what was built stays in the registry.
  retry: { max: 2, exit_codes: [75], when: [runner_system_failure, stuck_or_timeout_failure] }
  before_script:
    - test -z "$REGISTRY_PASSWORD" || echo "$REGISTRY_PASSWORD" | docker login "$REGISTRY" --username "$REGISTRY_USER" --password-stdin
check:
  stage: check
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  script:
    - ${options.program} check
    - git fetch --quiet origin "$CI_MERGE_REQUEST_TARGET_BRANCH_NAME"
    - ${options.program} plan --since FETCH_HEAD --format markdown --output plan.md
    # With the variable COMMENT_TOKEN, a token that may write notes, the plan is a comment that is kept up to date.
    - |
      notes="$CI_API_V4_URL/projects/$CI_PROJECT_ID/merge_requests/$CI_MERGE_REQUEST_IID/notes"
      if [ -n "$COMMENT_TOKEN" ]; then
        ask() { curl --silent --show-error --fail --header "PRIVATE-TOKEN: $COMMENT_TOKEN" "$@"; }
        note=$(ask "$notes?per_page=100" | jq -r '[.[] | select(.body | startswith("<!-- image-builder plan -->"))][0].id // ""')
        if [ -n "$note" ]; then ask --request PUT --data-urlencode body@plan.md "$notes/$note"; else ask --data-urlencode body@plan.md "$notes"; fi
      fi
  artifacts: { paths: [plan.md] }
plan:
  extends: .publishing
  stage: plan
  script:
    - ${options.program} plan --since published $REFRESH --pin --format json --output plan.json
  artifacts: { paths: [plan.json] }
build:
  extends: .publishing
  stage: build
  parallel: ${options.parts}
  script:
    - ${options.program} build --plan plan.json --shard "$CI_NODE_INDEX/$CI_NODE_TOTAL" --push --results "results-$CI_PIPELINE_ID"
  artifacts: { paths: ["results-$CI_PIPELINE_ID"], when: always }
publish:
  extends: .publishing
  stage: publish
  # One pipeline of the project moves tags at a time, the oldest first.
  resource_group: image-builder
  script:
    - ${options.program} publish --plan plan.json --results "results-$CI_PIPELINE_ID"
`;
