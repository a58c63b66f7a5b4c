// Runs a declarative Jenkinsfile outside of Jenkins, with real Groovy and steps that really do something: sh is bash, a node is a
// clone of the catalogue in a folder of its own, parallel is threads, lock a monitor. usage: groovy steps.groovy FOLDER JENKINSFILE BRANCH [CHANGE_TARGET]
import groovy.json.JsonSlurper

class Jenkins {
  static File folder
  static String branch
  static String changeTarget
  static final ThreadLocal<File> workspace = new ThreadLocal<File>()
  static final List comments = Collections.synchronizedList([])
  static Map environment() {
    [BUILD_NUMBER: '7', BRANCH_NAME: branch] + (changeTarget ? [CHANGE_ID: '1', CHANGE_TARGET: changeTarget] : [:])
  }
  static File run(List command, File where, Map more) {
    def builder = new ProcessBuilder(command as String[]).directory(where).redirectErrorStream(true)
    builder.environment().putAll(more)
    def process = builder.start()
    process.outputStream.close()
    println process.inputStream.text
    def file = new File(folder, 'code-' + System.nanoTime())
    file.text = process.waitFor().toString()
    file
  }
}

abstract class Steps extends Script {
  def getEnv() { Jenkins.environment() }
  def getScm() { 'the catalogue' }
  def getPullRequest() {
    [comments: Jenkins.comments, comment: { text -> Jenkins.comments << [id: Jenkins.comments.size(), body: text] },
     editComment: { id, text -> Jenkins.comments[id] = [id: id, body: text] }]
  }
  def sh(Map asked) {
    println "[${Jenkins.workspace.get().name}] + ${asked.script}"
    def code = Jenkins.run(['bash', '-ec', asked.script.toString()], Jenkins.workspace.get(), Jenkins.environment() + [REFRESH: '']).text as int
    if (asked.returnStatus) return code
    if (code != 0) throw new Exception("sh ended with ${code}: ${asked.script}")
  }
  def sh(String script) { sh(script: script) }
  def sleep(int seconds) { println "sleeping ${seconds} s" }
  def error(String message) { throw new Exception(message) }
  def readFile(String name) { new File(Jenkins.workspace.get(), name).text }
  def readJSON(Map asked) { new JsonSlurper().parse(new File(Jenkins.workspace.get(), asked.file.toString())) }
  def checkout(Object ignored) {
    Jenkins.run(['bash', '-ec', "git clone -q '${Jenkins.folder}/catalogue' . && git checkout -q '${Jenkins.branch}'"], Jenkins.workspace.get(), [:])
  }
  def node(String label, Closure body) {
    def before = Jenkins.workspace.get()
    def workspace = new File(Jenkins.folder, "${label}-${System.nanoTime()}")
    workspace.mkdirs()
    Jenkins.workspace.set(workspace)
    try { body() } finally { Jenkins.workspace.set(before) }
  }
  def stash(Map asked) {
    def to = new File(Jenkins.folder, "stash-${asked.name}")
    to.mkdirs()
    def what = asked.includes.toString().replace('/**', '')
    def code = Jenkins.run(['cp', '-r', what, to.path], Jenkins.workspace.get(), [:]).text as int
    if (code != 0 && !asked.allowEmpty) throw new Exception("nothing to stash as ${asked.name}")
  }
  def unstash(String name) {
    def code = Jenkins.run(['cp', '-r', new File(Jenkins.folder, "stash-${name}").path + '/.', '.'], Jenkins.workspace.get(), [:]).text as int
    if (code != 0) throw new Exception("there is no stash ${name}")
  }
  def lock(String name, Closure body) { synchronized (name.intern()) { body() } }
  def parallel(Map branches) {
    def failures = Collections.synchronizedList([])
    branches.collect { name, body -> Thread.start { try { body() } catch (each) { failures << "${name}: ${each.message}" } } }*.join()
    if (failures) throw new Exception(failures.join('; '))
  }
  def script(Closure body) { body() }
  def pipeline(Closure body) { Block.run(new Declaration(steps: this), body) }
}

class Block {
  static void run(Object delegate, Closure body) {
    body.delegate = delegate
    body.resolveStrategy = Closure.DELEGATE_FIRST
    body()
  }
}

class Declaration {
  Steps steps
  def none = 'none'
  def agent(Object ignored) {}
  def options(Closure body) { Block.run(this, body) }
  def disableConcurrentBuilds() {}
  def triggers(Closure body) { Block.run(this, body) }
  def cron(String times) { println "cron '${times}'" }
  def parameters(Closure body) { Block.run(this, body) }
  def string(Map asked) { println "parameter ${asked.name}" }
  def stages(Closure body) { Block.run(this, body) }
  def stage(String name, Closure body) {
    def stage = new Stage(steps: steps)
    Block.run(stage, body)
    println "== ${name}${stage.isWanted ? '' : ': skipped'}"
    if (stage.isWanted) stage.run()
  }
}

class Stage {
  Steps steps
  String label
  Closure body
  boolean isWanted = true
  def when(Closure condition) { Block.run(new Conditions(stage: this), condition) }
  def agent(Closure named) { Block.run(this, named) }
  def label(String name) { label = name }
  def steps(Closure given) { body = given }
  def run() { label == null ? body() : steps.node(label) { steps.checkout(null); body() } }
}

class Conditions {
  Stage stage
  def changeRequest() { stage.isWanted &= Jenkins.changeTarget != null }
  def branch(String name) { stage.isWanted &= Jenkins.branch == name }
  def beforeAgent(boolean ignored) {}
  def expression(Closure condition) { stage.isWanted &= condition() as boolean }
}

Jenkins.folder = new File(args[0])
Jenkins.branch = args[2]
Jenkins.changeTarget = args.length > 3 ? args[3] : null
def configuration = new org.codehaus.groovy.control.CompilerConfiguration(scriptBaseClass: 'Steps')
new GroovyShell(this.class.classLoader, new Binding(), configuration).evaluate(new File(args[1]))
Jenkins.comments.each { println "comment ${it.id}: ${it.body}" }
