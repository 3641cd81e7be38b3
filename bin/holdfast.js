#!/usr/bin/env node
// Finds the right runtime and starts the program. Plain JavaScript that any Node since 14 can read: whoever has an old
// one shall get Holdfast or a clear sentence, never a syntax error.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import nodeModule from 'node:module'
import { constants } from 'node:os'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const MAJOR_MIN = 24
const root = dirname(dirname(fileURLToPath(import.meta.url)))

if (Number.parseInt(process.versions.node, 10) >= MAJOR_MIN) await startHere()
else startWithOwnRuntime()

async function startHere() {
  // Compiled code is kept between starts, for child processes too: a restart must not burn the CPU that recovery needs.
  process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules', '.cache', 'holdfast')
  nodeModule.enableCompileCache?.(process.env.NODE_COMPILE_CACHE)
  const { main } = await import(pathToFileURL(mainFile()).href)
  process.exitCode = await main(process.argv.slice(2))
}

/** The sources where they are, in a checkout; else what `npm run build` made of them. Node strips no types in node_modules. */
function mainFile() {
  const source = join(root, 'src', 'cli', 'main.ts')
  const installed = root.includes(`${sep}node_modules${sep}`)
  if (!installed && existsSync(source)) return source
  const built = join(root, 'lib', 'cli', 'main.js')
  if (existsSync(built)) return built
  fail('Holdfast is not built here. Run `npm run build` in its folder, or use a checkout of the sources.')
}

function startWithOwnRuntime() {
  const runtime = [join(root, 'node_modules', 'node', 'bin', 'node'), join(root, '..', 'node', 'bin', 'node')].find(
    existsSync,
  )
  if (!runtime)
    fail(
      `Holdfast needs Node ${MAJOR_MIN} or newer; this is ${process.version}, and no runtime of its own is installed.\n` +
        `Run \`npm ci\` in ${root}, which brings one, or install Node ${MAJOR_MIN} from https://nodejs.org.`,
    )
  const child = spawn(runtime, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' })
  // Ctrl-C in a terminal reaches both processes already; a second one would mean "at once" to the program.
  const passed = process.stdin.isTTY ? ['SIGTERM', 'SIGHUP'] : ['SIGTERM', 'SIGHUP', 'SIGINT']
  for (const signal of passed) process.on(signal, () => child.kill(signal))
  if (process.stdin.isTTY) process.on('SIGINT', () => {})
  child.on('error', (error) => fail(`Cannot run ${runtime}: ${error.message}`))
  child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : (code ?? 1)))
}

function fail(sentence) {
  process.stderr.write(`${sentence}\n`)
  process.exit(69)
}
