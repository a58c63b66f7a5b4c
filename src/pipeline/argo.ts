import type { PipelineOptions, PipelineSystem } from "./model.ts";
import { buildsPerJob, heading, refreshed } from "./words.ts";

/** https://argo-workflows.readthedocs.io/en/latest/fields; a workflow is at most 1 MB, of which this is a hundredth however many builds there are. */
export const argo: PipelineSystem = {
  name: "argo",
  mostParts: 250,
  files: (options) => [
    { path: "image-builder.argo.yaml", text: template(options) },
    { path: "image-builder-schedules.argo.yaml", text: schedules(options) },
  ],
};

const template = (options: PipelineOptions): string => `${heading("argo")}
# It needs a store for artifacts, an image with Node, git and Docker's client, and the secret image-builder-registry, of type
# kubernetes.io/dockerconfigjson, for ${options.registry}. Proposed changes are checked where they are proposed, with:
# image-builder check; image-builder plan --since origin/${options.branch} --format markdown
apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: { name: image-builder }
spec:
  entrypoint: images
  # One workflow publishes at a time; the others wait.
  synchronization: { mutexes: [{ name: image-builder-publish }] }
  arguments:
    parameters:
      - { name: repository, value: "https://git.example.org/catalogue.git" }
      - { name: branch, value: ${JSON.stringify(options.branch)} }
      - { name: image, value: "${options.registry}/tools/image-builder:1" }
      - { name: refresh, value: "" }
  volumes:
    - name: login
      secret: { secretName: image-builder-registry, items: [{ key: .dockerconfigjson, path: config.json }] }
  templates:
    - name: images
      dag:
        tasks:
          - name: plan
            template: plan
          - name: build
            depends: plan
            when: "{{tasks.plan.outputs.parameters.parts}} > 0"
            withSequence: { start: "1", count: "{{tasks.plan.outputs.parameters.parts}}" }
            template: job
            arguments: { parameters: [{ name: command, value: "build --push --shard {{item}}/{{tasks.plan.outputs.parameters.parts}}" }${fromPlan}
          # It says what is missing also after a part has failed.
          - name: publish
            depends: build.Succeeded || build.Failed
            when: "{{tasks.plan.outputs.parameters.parts}} > 0"
            template: job
            arguments: { parameters: [{ name: command, value: publish }${fromPlan}
    - name: plan
      inputs:
        artifacts: [{ name: catalogue, path: /catalogue, git: { repo: "{{workflow.parameters.repository}}", revision: "{{workflow.parameters.branch}}" } }]
      script:
${container}
        source: |
          set -eu
          ${options.program} plan --since published {{workflow.parameters.refresh}} --pin --format json --output /tmp/plan.json
          node -p 'Math.min(${options.parts}, Math.ceil(JSON.parse(fs.readFileSync("/tmp/plan.json")).builds.length / ${buildsPerJob}))' > /tmp/parts
          git rev-parse HEAD > /tmp/commit
      outputs:
        parameters:
          - { name: parts, valueFrom: { path: /tmp/parts } }
          - { name: commit, valueFrom: { path: /tmp/commit } }
        artifacts: [{ name: plan, path: /tmp/plan.json }]
    - name: job
      # 75: the infrastructure failed, and what was built stays in the registry.
      retryStrategy: { limit: 2, retryPolicy: Always, expression: "asInt(lastRetry.exitCode) == 75", backoff: { duration: 1m } }
      inputs:
        parameters: [{ name: command }, { name: commit }]
        artifacts:
          - { name: plan, path: /tmp/plan.json }
          - { name: catalogue, path: /catalogue, git: { repo: "{{workflow.parameters.repository}}", revision: "{{inputs.parameters.commit}}" } }
      sidecars:
        - { name: engine, image: "docker:28-dind", env: [{ name: DOCKER_TLS_CERTDIR, value: "" }], securityContext: { privileged: true } }
      script:
${container}
        source: exec ${options.program} {{inputs.parameters.command}} --plan /tmp/plan.json
`;

const schedules = (options: PipelineOptions): string => `# Each night: what the registry lacks.
${schedule("nightly", "17 2 * * *", "")}
---
# On Mondays: the interfaces anew, with the updates of their packages.
${schedule("refresh", "17 4 * * 1", refreshed(options))}
`;

const fromPlan =
  `, { name: commit, value: "{{tasks.plan.outputs.parameters.commit}}" }], ` +
  `artifacts: [{ name: plan, from: "{{tasks.plan.outputs.artifacts.plan}}" }] }`;

const container = `        name: main
        image: "{{workflow.parameters.image}}"
        command: [sh]
        workingDir: /catalogue
        env: [{ name: DOCKER_CONFIG, value: /login }, { name: DOCKER_HOST, value: "tcp://127.0.0.1:2375" }]
        volumeMounts: [{ name: login, mountPath: /login, readOnly: true }]`;

const schedule = (name: string, times: string, refresh: string): string => `apiVersion: argoproj.io/v1alpha1
kind: CronWorkflow
metadata: { name: image-builder-${name} }
spec:
  schedules: [${JSON.stringify(times)}]
  concurrencyPolicy: Forbid
  workflowSpec:
    workflowTemplateRef: { name: image-builder }
    arguments: { parameters: [{ name: refresh, value: ${JSON.stringify(refresh)} }] }`;
