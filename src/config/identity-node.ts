import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { NodeName } from '../base/ids.ts'
import type { Random } from '../base/random.ts'

const FILE = 'node.json'
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/
// Letters of a random id behind a host name: enough that two copies of one machine never meet.
const SUFFIX_LENGTH = 5

/**
 * The name of the node whose data directory this is: the one that was set, else the one it had before, else the host
 * name. A machine that was cloned has the identity of the other one; `fresh` gives it a name of its own.
 */
export function nodeIdentity(options: { dataDir: string; name: string; fresh: boolean; random: Random }): NodeName {
  const { dataDir, random } = options
  const kept = options.fresh ? undefined : keptName(dataDir)
  const name = options.name || kept || (options.fresh ? freshName(random) : hostName())
  if (name !== kept) keep(dataDir, name)
  return name
}

function keptName(dataDir: string): NodeName | undefined {
  try {
    const { name } = JSON.parse(readFileSync(join(dataDir, FILE), 'utf8')) as { name?: unknown }
    return typeof name === 'string' && NAME.test(name) ? name : undefined
  } catch {
    return undefined
  }
}

function keep(dataDir: string, name: NodeName): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const file = join(dataDir, FILE)
  // In one step: a half-written identity would be a new one.
  writeFileSync(`${file}.new`, `${JSON.stringify({ name })}\n`)
  renameSync(`${file}.new`, file)
}

function hostName(): NodeName {
  const [first = ''] = hostname().toLowerCase().split('.')
  const name = first
    .replaceAll(/[^a-z0-9-]/g, '-')
    .replace(/^-+/, '')
    .slice(0, 50)
  return NAME.test(name) ? name : 'node'
}

function freshName(random: Random): NodeName {
  return `${hostName()}-${random.id().slice(-SUFFIX_LENGTH)}`
}
