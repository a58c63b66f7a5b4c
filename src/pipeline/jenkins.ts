import type { PipelineOptions, PipelineSystem } from "./model.ts";
import { buildsPerJob, heading, refreshed } from "./words.ts";

/** https://www.jenkins.io/doc/book/pipeline/syntax. Stages written as text would end in "Method code too large"; these read the plan. */
export const jenkins: PipelineSystem = {
  name: "jenkins",
  mostParts: 250,
  files: (options) => [{ path: "Jenkinsfile", text: jenkinsfile(options) }],
};

const jenkinsfile = (options: PipelineOptions): string => `${heading("jenkins", "//")}
// It needs agents with the label "docker" that have Docker and Node and are logged in at ${options.registry}, and the plugins
// Pipeline Utility Steps (readJSON), Lockable Resources (lock) and, for the comment on a proposed change, Pipeline: GitHub.
int parts = 0

/** 75: the infrastructure failed, and what was built stays in the registry. */
def persist(String command) {
  int code = 75
  for (int attempt = 1; code == 75 && attempt <= 3; attempt++) {
    if (attempt > 1) { sleep(60) }
    code = sh(script: command, returnStatus: true)
  }
  if (code != 0) { error("image-builder ended with exit code " + code) }
}

pipeline {
  agent none
  options { disableConcurrentBuilds() }
  triggers { cron(env.BRANCH_NAME == '${options.branch}' ? 'H 2 * * *' : '') } // each night: what the registry lacks
  parameters {
    // To be set by a schedule of its own: ${refreshed(options)}
    string(name: 'REFRESH', defaultValue: '', description: 'Options of plan that build interfaces anew, with the updates of their packages')
  }
  stages {
    stage('Check') {
      when { changeRequest() }
      agent { label 'docker' }
      steps {
        sh '${options.program} check'
        sh 'git fetch --quiet origin "$CHANGE_TARGET"'
        sh '${options.program} plan --since FETCH_HEAD --format markdown --output plan.md'
        script {
          def text = readFile('plan.md')
          def mine = pullRequest.comments.find { it.body.startsWith('<!-- image-builder plan -->') }
          if (mine) { pullRequest.editComment(mine.id, text) } else { pullRequest.comment(text) }
        }
      }
    }
    stage('Plan') {
      when { branch '${options.branch}' }
      agent { label 'docker' }
      steps {
        sh '${options.program} plan --since published $REFRESH --pin --format json --output plan.json'
        script { parts = Math.min(${options.parts}, (int) Math.ceil(readJSON(file: 'plan.json').builds.size() / ${buildsPerJob})) }
        stash name: 'plan', includes: 'plan.json'
      }
    }
    stage('Build') {
      when { beforeAgent true; expression { parts > 0 } }
      steps {
        script {
          parallel((1..parts).collectEntries { part -> [("part " + part): { node('docker') {
            checkout scm
            unstash 'plan'
            try { persist("${options.program} build --plan plan.json --shard \${part}/\${parts} --push --results results-\${env.BUILD_NUMBER}") }
            finally { stash name: "results-\${part}", includes: "results-\${env.BUILD_NUMBER}/**", allowEmpty: true }
          } }] })
        }
      }
    }
    stage('Publish') {
      when { beforeAgent true; expression { parts > 0 } }
      agent { label 'docker' }
      steps {
        unstash 'plan'
        script { for (int part = 1; part <= parts; part++) { unstash "results-\${part}" } }
        lock('image-builder-publish') { persist("${options.program} publish --plan plan.json --results results-\${env.BUILD_NUMBER}") }
      }
    }
  }
}
`;
