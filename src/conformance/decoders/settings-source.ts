import fc from 'fast-check'
import { decodeJoinToken } from '../../config/join-token.ts'
import { InvalidSettings, resolveSettings, type Settings, settingRows } from '../../config/settings.ts'
import { allowedOrigins, ownUrlOf, reachableHost, rolesOf, socketAddresses } from '../../server/public-addresses.ts'
import type { FuzzedDecoder } from '../fuzzed-decoder.ts'
import { HOSTILE, textOf } from './json-shapes.ts'

const rows = settingRows()
const URLS = [
  'http://chat.example',
  'https://x:8443',
  'http://[::1]:1',
  'https://[',
  'http://:x',
  'http://a b',
  'http://x:99999',
  '*',
]

const row = fc.constantFrom(...rows)
const value = fc.oneof(fc.constantFrom<unknown>(...URLS, 'true', '0', '1', 'all', 1, true), HOSTILE)
const variables = fc
  .array(fc.tuple(row, fc.oneof(fc.constantFrom(...URLS), fc.string())), { maxLength: 4 })
  .map((list) => list.map(([{ variable }, text]) => `${variable}=${text}`).join('\n'))
const files = fc
  .array(fc.tuple(row, value), { maxLength: 4 })
  .map((list) => JSON.stringify(Object.fromEntries(list.map(([{ path }, each]) => [path, each]))))

/** Settings as a file (JSON) or as variables of the environment (a line each): what is taken can be used. */
export const decoder: FuzzedDecoder = {
  seeds: [
    '{}',
    '{"transcript":{"onStoreError":"close","saveNotices":["a"]},"port":1,"addresses":["https://a"],"role":"edge"}',
    'HOLDFAST_PUBLIC_URL=https://chat.example\nHOLDFAST_ALLOWED_ORIGINS=*,http://a',
    'HOLDFAST_JOIN=hf1.x\nHOLDFAST_PORT=70000\nHOLDFAST_LOG_TEXT=yes',
  ],
  words: [...rows.flatMap(({ path, variable }) => [path, `\n${variable}=`]), ...URLS],
  drawn: fc.oneof(variables, files),
  read(input) {
    const settings = resolved(textOf(input))
    if (settings) use(settings)
  },
}

function resolved(text: string): Settings | undefined {
  try {
    const content = text.startsWith('{') ? parsed(text) : undefined
    const env = Object.fromEntries(text.split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2)))
    return resolveSettings(content === undefined ? { env } : { file: { name: 'the file', content } })
  } catch (error) {
    if (error instanceof InvalidSettings) return undefined
    throw error
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What a node does with them before it listens. */
function use(settings: Settings): void {
  // Where it listens is known by then: a host that is none was found out by listening.
  allowedOrigins(settings, ownUrlOf('localhost', settings.port))
  reachableHost(settings.host, 'machine')
  socketAddresses(settings, [])
  rolesOf(settings.role)
  if (settings.join) decodeJoinToken(settings.join)
}
