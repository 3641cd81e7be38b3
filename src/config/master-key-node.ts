import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { Settings } from './settings.ts'

/** The first one seals, each of them opens. */
interface MasterKeys {
  readonly kind: 'master-keys'
  readonly keys: readonly string[]
}

/** The sentence is for the operator, who must change a setting. */
export interface NoMasterKey {
  readonly kind: 'no-master-key'
  readonly reason: string
}

const COMMAND_PATIENCE_MS = 30_000
const LENGTH_MIN = 16

/**
 * The master keys of this node, from the one source that is set: words, of which the first is the key and the others are
 * earlier ones that still open. The secret of the cluster always opens, because it is the key where no other is given.
 */
export async function masterKeysOf(
  settings: Pick<Settings, 'masterKey' | 'masterKeyFile' | 'masterKeyCommand'>,
  secret: string,
): Promise<MasterKeys | NoMasterKey> {
  const { masterKey, masterKeyFile, masterKeyCommand } = settings
  const given = [masterKey, masterKeyFile, masterKeyCommand].filter(Boolean).length
  if (given > 1) return fault('Give one of masterKey, masterKeyFile and masterKeyCommand, not several.')
  if (given === 0) return { kind: 'master-keys', keys: [secret] }
  const text = masterKey || (masterKeyFile ? await fileText(masterKeyFile) : await commandOutput(masterKeyCommand))
  if (typeof text !== 'string') return text
  const words = text.split(/\s+/).filter(Boolean)
  if (words.length === 0) return fault('The master key is empty.')
  if (words.some(({ length }) => length < LENGTH_MIN))
    return fault(`A master key has at least ${LENGTH_MIN} characters; \`openssl rand -base64 32\` makes a good one.`)
  return { kind: 'master-keys', keys: [...new Set([...words, secret])] }
}

async function fileText(file: string): Promise<string | NoMasterKey> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    return fault(`The file of the master key, ${file}, cannot be read (${codeOf(error)}).`)
  }
}

/** What it prints is never told, not even where it fails: it may be half a key. */
async function commandOutput(command: string): Promise<string | NoMasterKey> {
  const [shell, flag] = process.platform === 'win32' ? ['cmd.exe', '/c'] : ['/bin/sh', '-c']
  try {
    const { stdout } = await promisify(execFile)(shell, [flag, command], { timeout: COMMAND_PATIENCE_MS })
    return stdout
  } catch (error) {
    return fault(`The command of the master key failed (${codeOf(error)}).`)
  }
}

function codeOf(error: unknown): string {
  const { code, killed } = error as { code?: string | number; killed?: boolean }
  return killed ? `it took longer than ${COMMAND_PATIENCE_MS / 1000} s` : `${code ?? 'no reason was given'}`
}

function fault(reason: string): NoMasterKey {
  return { kind: 'no-master-key', reason }
}
