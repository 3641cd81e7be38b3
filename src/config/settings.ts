import { isIP } from 'node:net'
import { isOrigin } from './origin.ts'
import {
  choiceSetting,
  flagSetting,
  listSetting,
  numberSetting,
  type Setting,
  SettingFault,
  type TextRule,
  textSetting,
} from './setting.ts'

const DAY_MS = 86_400_000
const MEBIBYTE = 1_048_576
/** `10.1.2.3`, `10.0.0.0/8`, `fd00::/8`. */
const NETWORK: TextRule = {
  test(text) {
    const [address = '', bits, ...more] = text.split('/')
    const family = isIP(address)
    const bitsMax = family === 4 ? 32 : 128
    return (
      family > 0 && more.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= bitsMax))
    )
  },
}
const ORIGIN: TextRule = { test: isOrigin }
// It is logged and stands in support bundles: what a collector wants to know of us goes into headers.
const COLLECTOR: TextRule = {
  test: (text) => text === '' || (/^https?:\/\/[^/\s@]+(?:\/\S*)?$/.test(text) && URL.canParse(text)),
}
const ORIGIN_OR_NONE: TextRule = { test: (text) => text === '' || ORIGIN.test(text) }
const ORIGIN_OR_ANY: TextRule = { test: (text) => text === '*' || ORIGIN.test(text) }

/**
 * Everything that an operator may set on a node. `docs/reference/configuration.md` is compared with this table. A
 * setting `a.bC` is `{ "a": { "bC": ... } }` in the file, `HOLDFAST_A_B_C` in the environment, `--a-b-c` as an option.
 */
export const SETTINGS = {
  name: textSetting(
    '',
    'Name of this node, unique in the cluster. Empty: the name it had before, else the host name.',
    {
      allowed: 'small letters, digits and hyphens, at most 63',
      pattern: /^$|^[a-z0-9][a-z0-9-]{0,62}$/,
    },
  ),
  role: choiceSetting(
    ['all', 'chat', 'edge', 'backup'],
    'all',
    '`chat` owns conversations, `edge` keeps client sockets, `all` does both, `backup` only adopts what others lose.',
  ),
  dataDir: textSetting('.holdfast', 'Directory for what this node must remember: its identity.'),
  newIdentity: flagSetting(false, 'Forget the identity in the data directory: for a machine that was cloned.'),
  database: textSetting(
    '',
    'PostgreSQL, `postgres://user:password@host/database`; several hosts separated by commas.',
    {
      allowed: 'a URL that begins with postgres:// or postgresql://',
      pattern: /^$|^postgres(ql)?:\/\//,
      secret: true,
    },
  ),
  acceptDataLoss: flagSetting(false, 'Start even where several database hosts have no synchronous standby.'),
  secret: textSetting(
    '',
    'The secret shared by all nodes; the master key where none is set. A join token carries it.',
    {
      secret: true,
    },
  ),
  masterKey: textSetting(
    '',
    'The key that seals the secrets; earlier ones, which still open, follow after a space. None of the three: `secret`.',
    { secret: true },
  ),
  masterKeyFile: textSetting('', 'A file that holds the master key, and earlier ones in further lines.'),
  masterKeyCommand: textSetting('', 'A command that prints the master key, and earlier ones in further lines.', {
    secret: true,
  }),
  join: textSetting('', 'Join token: stands for `database` and `secret`.', {
    allowed: 'a token that begins with hf1.',
    pattern: /^$|^hf1\.[\w-]+$/,
    secret: true,
  }),
  host: textSetting('0.0.0.0', 'Address on which HTTP and WebSocket listen.'),
  port: numberSetting(8400, 'Port of HTTP and WebSocket; 0 takes a free one.', { min: 0, max: 65_535 }),
  tls: choiceSetting(
    ['auto', 'on'],
    'auto',
    'HTTPS and WSS with the certificate of the cluster: `auto` wherever `host` can be reached from other machines, `on` everywhere.',
  ),
  allowPlainHttp: flagSetting(
    false,
    'Let `auto` speak plain HTTP to other machines, too: where a balancer speaks HTTPS to people and is near.',
  ),
  redirectPort: numberSetting(
    0,
    'Port of plain HTTP that answers certificate authorities and sends everybody else to HTTPS, usually 80; 0: none.',
    { min: 0, max: 65_535 },
  ),
  publicUrl: textSetting(
    '',
    'The one address that people use. Empty: that of the document `settings`, else this node’s own. It stands in every link and token that leaves the system.',
    {
      allowed: 'http:// or https:// with a host, without a path',
      pattern: ORIGIN_OR_NONE,
    },
  ),
  addresses: listSetting([], 'Other public addresses of this system, which clients try when one does not answer.', {
    allowed: 'origins such as https://chat.example.com',
    pattern: ORIGIN,
  }),
  allowedOrigins: listSetting([], 'Web sites whose pages may connect, beside the addresses of this system.', {
    allowed: 'origins such as https://www.example.com, or * for any',
    pattern: ORIGIN_OR_ANY,
  }),
  trustedProxies: listSetting(
    [],
    'Balancers before this node: the `X-Forwarded-For` of their requests names the client that limits count. Others’ is not believed.',
    {
      allowed: 'addresses or networks such as 10.0.0.0/8',
      pattern: NETWORK,
    },
  ),
  relay: {
    host: textSetting('0.0.0.0', 'Address on which the link for other nodes listens.'),
    port: numberSetting(0, 'Port of that link; 0 takes a free one.', { min: 0, max: 65_535 }),
    advertise: textSetting(
      '',
      'Host name under which other nodes reach this one, or `host:port` where its port is another one, too. Empty: this machine’s host name, or `relay.host` where that names one address.',
    ),
  },
  transcript: {
    onStoreError: choiceSetting(
      ['wait', 'close'],
      'wait',
      'While the store is away: `wait` keeps clients and their unsent messages, `close` ends their attachments with a reason.',
    ),
    resendAttempts: numberSetting(
      0,
      'How often an append that was surely not carried out is sent again; 0: until it is.',
      { min: 0, max: 1_000_000 },
    ),
    resendDelayMs: numberSetting(200, 'Pause between two such attempts, milliseconds.', { min: 10, max: 60_000 }),
    saveNotices: listSetting(
      ['*'],
      'Which notices are kept in the log; others reach those present and are forgotten.',
      {
        allowed: 'names of notices, or * for all',
        pattern: /^\*$|^[\w.-]{1,64}$/,
      },
    ),
  },
  limits: {
    conversations: numberSetting(10_000, 'Conversations that this node may own before it refuses new ones.', {
      min: 1,
      max: 10_000_000,
    }),
    resumeAtPercent: numberSetting(80, 'It takes new ones again below this share of the limit, percent.', {
      min: 1,
      max: 100,
    }),
    sockets: numberSetting(20_000, 'Client sockets that this node keeps.', { min: 1, max: 1_000_000 }),
    frameBytes: numberSetting(65_536, 'Largest frame or request body of a client, bytes.', {
      min: 1024,
      max: 1_048_576,
    }),
    textLength: numberSetting(16_384, 'Longest text of a message, UTF-16 units.', { min: 1, max: 262_144 }),
    framesPerSecond: numberSetting(50, 'Frames per second of one socket; bursts of twice as many pass.', {
      min: 1,
      max: 10_000,
    }),
    assetBytes: numberSetting(16 * MEBIBYTE, 'Largest file that is taken as an asset, bytes.', {
      min: 1024,
      max: 1024 * MEBIBYTE,
    }),
    assetCacheBytes: numberSetting(
      1024 * MEBIBYTE,
      'Room on this node’s disk for assets, bytes; what was not used for longest goes first.',
      { min: MEBIBYTE, max: 1024 * 1024 * MEBIBYTE },
    ),
    heartbeatMs: numberSetting(
      10_000,
      'Silence after which client and node ask each other for a sign of life, milliseconds; after two the socket is given up.',
      { min: 1000, max: 300_000 },
    ),
    requestsPerMinute: numberSetting(1200, 'REST requests per minute of one address.', { min: 1, max: 10_000_000 }),
    visitorTokensPerMinute: numberSetting(
      60,
      'Visitor tokens per minute that one address may get without signing in.',
      { min: 1, max: 10_000_000 },
    ),
  },
  tokens: {
    anonymousVisitors: flagSetting(true, 'Whether anybody may get a visitor token for a new conversation.'),
    visitorLifetimeMs: numberSetting(DAY_MS, 'How long a visitor token is good, milliseconds.', {
      min: 60_000,
      max: 30 * DAY_MS,
    }),
    staffLifetimeMs: numberSetting(DAY_MS / 2, 'How long a staff token is good, milliseconds.', {
      min: 60_000,
      max: 30 * DAY_MS,
    }),
    refreshWithinMs: numberSetting(
      DAY_MS,
      'How long after its end a token may still be exchanged for a fresh one, milliseconds.',
      { min: 0, max: 30 * DAY_MS },
    ),
  },
  traces: {
    url: textSetting(
      '',
      'Where an OpenTelemetry collector takes traces of what edges are asked, by OTLP over HTTP. Empty: there are none.',
      { allowed: 'a whole address such as http://collector:4318/v1/traces', pattern: COLLECTOR },
    ),
    percent: numberSetting(10, 'How many of the traces that begin here are kept, percent.', { min: 1, max: 100 }),
  },
  drainDeadlineMs: numberSetting(60_000, 'How long a drain may take when the process is asked to end, milliseconds.', {
    min: 0,
    max: DAY_MS,
  }),
  logLevel: choiceSetting(['debug', 'info', 'warn', 'error'], 'info', 'Log lines below this level are not written.'),
  logText: flagSetting(false, 'Write message texts into the log. Off, no log line holds what people wrote.'),
} as const satisfies SettingGroup

interface SettingGroup {
  readonly [name: string]: Setting<unknown> | SettingGroup
}

type Resolved<Group> = {
  readonly [Name in keyof Group]: Group[Name] extends Setting<infer Value> ? Value : Resolved<Group[Name]>
}

/** The settings of one node, all of them, checked. */
export type Settings = Resolved<typeof SETTINGS>

/** One row of the table: where each source names it. */
export interface SettingRow {
  /** `transcript.onStoreError` */
  readonly path: string
  /** `HOLDFAST_TRANSCRIPT_ON_STORE_ERROR` */
  readonly variable: string
  /** `transcript-on-store-error` */
  readonly option: string
  readonly setting: Setting<unknown>
}

/** The table as rows, in its order. */
export function settingRows(group: SettingGroup = SETTINGS, prefix = ''): readonly SettingRow[] {
  return Object.entries(group).flatMap(([name, entry]) => {
    const path = `${prefix}${name}`
    if (!isSetting(entry)) return settingRows(entry, `${path}.`)
    const words = path.replace(/[A-Z]/g, (letter) => `.${letter}`).split('.')
    return [
      {
        path,
        variable: ['HOLDFAST', ...words].join('_').toUpperCase(),
        option: words.join('-').toLowerCase(),
        setting: entry,
      },
    ]
  })
}

function isSetting(entry: Setting<unknown> | SettingGroup): entry is Setting<unknown> {
  return typeof entry.read === 'function'
}

/** Everything that is wrong with the settings, one sentence each. */
export class InvalidSettings extends Error {
  override readonly name = 'InvalidSettings'
  readonly faults: readonly string[]
  constructor(faults: readonly string[]) {
    super(faults.join('\n'))
    this.faults = faults
  }
}

export interface SettingSources {
  /** By option name, without the dashes. */
  readonly options?: Readonly<Record<string, string | boolean | undefined>>
  readonly env?: Readonly<Record<string, string | undefined>>
  /** The parsed JSON of the file, with the name to blame it by. */
  readonly file?: { readonly name: string; readonly content: unknown }
}

/** Options before environment before file before default. Throws `InvalidSettings` with all faults at once. */
export function resolveSettings(sources: SettingSources): Settings {
  const rows = settingRows()
  const file = flatten(sources.file?.content ?? {}, sources.file?.name ?? 'the file')
  const faults = [...file.faults, ...unknownNames(rows, file.values, sources)]
  const values: Record<string, unknown> = {}
  for (const row of rows) {
    const found = firstFound(row, sources, file.values)
    try {
      place(values, row.path, found ? row.setting.read(found.raw) : row.setting.fallback)
    } catch (error) {
      if (!(error instanceof SettingFault)) throw error
      const shown = row.setting.secret ? 'what was given' : JSON.stringify(found?.raw)
      faults.push(`${found?.where ?? row.path} must be ${error.message}, not ${shown}.`)
    }
  }
  if (faults.length > 0) throw new InvalidSettings(faults)
  return values as unknown as Settings
}

function firstFound(
  row: SettingRow,
  sources: SettingSources,
  file: ReadonlyMap<string, unknown>,
): { raw: unknown; where: string } | undefined {
  const option = sources.options?.[row.option]
  if (option !== undefined) return { raw: option, where: `--${row.option}` }
  const variable = sources.env?.[row.variable]
  if (variable !== undefined && variable !== '') return { raw: variable, where: row.variable }
  if (file.has(row.path))
    return { raw: file.get(row.path), where: `${row.path} in ${sources.file?.name ?? 'the file'}` }
  return undefined
}

function unknownNames(
  rows: readonly SettingRow[],
  file: ReadonlyMap<string, unknown>,
  sources: SettingSources,
): string[] {
  const paths = new Set(rows.map((row) => row.path))
  return [...file.keys()]
    .filter((path) => !paths.has(path))
    .map((path) => `${path} in ${sources.file?.name ?? 'the file'} is not a setting.`)
}

function flatten(content: unknown, name: string, prefix = ''): { values: Map<string, unknown>; faults: string[] } {
  const values = new Map<string, unknown>()
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    return { values, faults: [`${name} must hold one JSON object.`] }
  const faults: string[] = []
  for (const [key, value] of Object.entries(content)) {
    const path = `${prefix}${key}`
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      values.set(path, value)
      continue
    }
    const inner = flatten(value, name, `${path}.`)
    for (const [innerPath, innerValue] of inner.values) values.set(innerPath, innerValue)
    faults.push(...inner.faults)
  }
  return { values, faults }
}

function place(target: Record<string, unknown>, path: string, value: unknown): void {
  const [group, name] = path.split('.')
  if (group === undefined) return
  if (name === undefined) {
    target[group] = value
    return
  }
  const inner = (target[group] ?? {}) as Record<string, unknown>
  inner[name] = value
  target[group] = inner
}

/** The reference page's table, in Markdown. */
export function settingsReference(): string {
  const rows = settingRows().map(({ path, variable, option, setting }) => {
    const preset = setting.secret ? '' : `\`${JSON.stringify(setting.fallback)}\``
    return `| \`${path}\` | \`--${option}\` | \`${variable}\` | ${setting.allowed.replaceAll('|', '\\|')} | ${preset} | ${setting.help} |`
  })
  return [
    '| setting | option | environment | allowed | default | meaning |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n')
}
