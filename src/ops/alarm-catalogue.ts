/** `critical`: conversations suffer or are about to. `warning`: somebody should look before they do. */
export type AlarmSeverity = 'critical' | 'warning'

export interface AlarmKind {
  readonly severity: AlarmSeverity
  /** While it lasts. */
  readonly title: string
  /** When it is over. */
  readonly over: string
  readonly meaning: string
  readonly remedy: string
  /** What its subject names. */
  readonly about: string
  readonly seenBy: 'every node' | 'the node itself' | 'the traffic manager, once there is one'
  /** Lasts for so long before anybody hears of it. */
  readonly raiseAfterMs: number
  /** Is gone for so long before it counts as over; longer each time that it comes back within a day. */
  readonly clearAfterMs: number
  /** The numbers that other systems have for it. */
  readonly alias?: { readonly raised: number; readonly cleared: number }
}

const SECOND_MS = 1000
const MINUTE_MS = 60_000

/**
 * Every alarm. The observers, the mails, the webhook, the console and the reference page are made from this table; a part
 * of Holdfast that sees another condition adds a line here.
 */
export const ALARMS = {
  'node-lost': {
    severity: 'critical',
    title: 'Node lost',
    over: 'Node back',
    meaning: 'A node died or is silent, without having been drained; other nodes have adopted its conversations.',
    remedy:
      'Look at its machine and at the end of its log. Until it is back the others carry its load. Of one that will not come back end the alarm by `holdfast alarm close`.',
    about: 'the node',
    seenBy: 'every node',
    raiseAfterMs: 0,
    clearAfterMs: 30 * SECOND_MS,
  },
  'store-unavailable': {
    severity: 'critical',
    title: 'Store unavailable',
    over: 'Store available',
    meaning:
      'The database did not answer: nothing was acknowledged meanwhile and nothing is lost; who wrote waited. It is told once the database is back, with its true beginning.',
    remedy:
      'Look at the database server and at the network to it. `/health/deps` and the metric `store_available` show it while it lasts.',
    about: '`cluster`',
    seenBy: 'every node',
    raiseAfterMs: 5 * SECOND_MS,
    clearAfterMs: 10 * SECOND_MS,
    alias: { raised: 59520, cleared: 59521 },
  },
  'database-unsafe': {
    severity: 'critical',
    title: 'Database unsafe',
    over: 'Database safe',
    meaning:
      'The settings of the database changed since the nodes started: a crash of it could lose acknowledged messages.',
    remedy: 'Do what the sentence says; `holdfast doctor` checks it again.',
    about: '`cluster`',
    seenBy: 'every node',
    raiseAfterMs: 0,
    clearAfterMs: MINUTE_MS,
  },
  'configuration-drift': {
    severity: 'warning',
    title: 'Configuration drift',
    over: 'Configuration applied',
    meaning: 'A node runs another configuration than the stored one, although every node should within two seconds.',
    remedy:
      'Look at the log of the node for why it cannot read or understand it: its version, or its way to the database.',
    about: 'the node',
    seenBy: 'every node',
    raiseAfterMs: 20 * SECOND_MS,
    clearAfterMs: 20 * SECOND_MS,
  },
  'certificate-expires': {
    severity: 'warning',
    title: 'Certificate expires',
    over: 'Certificate renewed',
    meaning:
      'A certificate that nodes use ends within 30 days, or within the last quarter of its life if that is less, and its renewal has failed or there is none. The days of this and the next two stand in `certificateAlarmDays` of the document `settings`.',
    remedy:
      'The one that people see (`public`): import or issue another one, `holdfast cert`. The one that a node shows other nodes it renews by itself: look at its log, restart it. The cluster’s authority (`authority`): docs/operate/certificates.md says how another one is made.',
    about: '`public`, `authority`, or `node/n1` for the one that n1 shows other nodes',
    seenBy: 'every node',
    raiseAfterMs: 0,
    clearAfterMs: MINUTE_MS,
  },
  'certificate-expires-soon': {
    severity: 'warning',
    title: 'Certificate expires soon',
    over: 'Certificate renewed',
    meaning: 'A certificate that nodes use ends within 14 days, or within the last sixth of its life if that is less.',
    remedy:
      'Import or issue another public one now: `holdfast cert`. A node renews its own: look at its log, restart it.',
    about: '`public`, `authority`, or `node/n1` for the one that n1 shows other nodes',
    seenBy: 'every node',
    raiseAfterMs: 0,
    clearAfterMs: MINUTE_MS,
  },
  'certificate-nearly-expired': {
    severity: 'critical',
    title: 'Certificate nearly expired',
    over: 'Certificate renewed',
    meaning: 'A certificate that nodes use ends within 3 days, or within the last twelfth of its life if that is less.',
    remedy:
      'Import or issue another public one today: `holdfast cert`. A node renews its own: look at its log, restart it.',
    about: '`public`, `authority`, or `node/n1` for the one that n1 shows other nodes',
    seenBy: 'every node',
    raiseAfterMs: 0,
    clearAfterMs: MINUTE_MS,
  },
  'certificate-expired': {
    severity: 'critical',
    title: 'Certificate expired',
    over: 'Certificate good again',
    meaning: 'A certificate has ended: browsers, or other nodes, refuse who shows it.',
    remedy: 'Import or issue another one: `holdfast cert`. It is shown within two seconds, and no socket is dropped.',
    about: '`public`, `authority`, or `node/n1` for the one that n1 shows other nodes',
    seenBy: 'every node',
    raiseAfterMs: 0,
    clearAfterMs: MINUTE_MS,
  },
  'disk-nearly-full': {
    severity: 'warning',
    title: 'Disk nearly full',
    over: 'Disk has room',
    meaning:
      'The disk of a node’s data directory has less than 1 GiB or 5 % left; an embedded database there would stop.',
    remedy: 'Free space or enlarge the disk.',
    about: 'the node',
    seenBy: 'the node itself',
    raiseAfterMs: 30 * SECOND_MS,
    clearAfterMs: 5 * MINUTE_MS,
  },
  'secrets-sealed': {
    severity: 'critical',
    title: 'Secrets cannot be read',
    over: 'Secrets can be read',
    meaning:
      'No master key of the node opens the secrets: it sends no mail that needs a password, and signs nobody in by a provider.',
    remedy:
      'Give it the master key that the other nodes have, and restart it. `holdfast secret list` names all such nodes.',
    about: 'the node',
    seenBy: 'the node itself',
    raiseAfterMs: 30 * SECOND_MS,
    clearAfterMs: MINUTE_MS,
  },
  'outbox-backlog': {
    severity: 'warning',
    title: 'Outbox waits',
    over: 'Outbox goes on',
    meaning: 'Mails or calls have waited for more than ten minutes to be carried out.',
    remedy:
      'Look at the mail server and the webhook; the log says why attempts fail. Nothing is lost, all of it is tried again.',
    about: '`cluster`',
    seenBy: 'every node',
    raiseAfterMs: MINUTE_MS,
    clearAfterMs: 5 * MINUTE_MS,
  },
  'dead-letters': {
    severity: 'warning',
    title: 'Dead letters',
    over: 'No dead letters',
    meaning: 'Mails or calls were given up: the other side refuses them, or they failed too often.',
    remedy: '`holdfast outbox list` says why. Mend the cause, then replay or drop them.',
    about: '`cluster`',
    seenBy: 'every node',
    raiseAfterMs: 0,
    clearAfterMs: MINUTE_MS,
  },
  'conversations-set-apart': {
    severity: 'critical',
    title: 'Conversations set apart',
    over: 'No conversation set apart',
    meaning: 'What is stored of some conversations cannot be restored; they are refused, everything else goes on.',
    remedy: '`holdfast doctor` names them and says why. Keep the database as it is and report it.',
    about: '`cluster`',
    seenBy: 'every node',
    raiseAfterMs: 5 * SECOND_MS,
    clearAfterMs: MINUTE_MS,
  },
  'adoption-storm': {
    severity: 'critical',
    title: 'Adoption storm',
    over: 'Adoptions ceased',
    meaning:
      'Conversations were adopted from dead nodes again and again within five minutes: nodes die one after another.',
    remedy:
      'Look at why the nodes die, at memory first. `holdfast status` shows who restarts; disable one that does so again and again.',
    about: '`cluster`',
    seenBy: 'every node',
    raiseAfterMs: 0,
    clearAfterMs: 5 * MINUTE_MS,
  },
  'serving-fail-open': {
    severity: 'critical',
    title: 'Serving although all checks fail',
    over: 'Checks pass again',
    meaning: 'No endpoint of a traffic profile is healthy; people are sent to all of them rather than to none.',
    remedy: 'Look at what the checks say: all endpoints are down, or the checks themselves are wrong.',
    about: 'the traffic profile',
    seenBy: 'the traffic manager, once there is one',
    raiseAfterMs: 0,
    clearAfterMs: MINUTE_MS,
  },
  'hold-down': {
    severity: 'warning',
    title: 'Endpoint held down',
    over: 'Endpoint released',
    meaning: 'An endpoint failed and came back so often that it gets nobody for a while.',
    remedy: 'Look at why it changes; it is taken back by itself after a steady time.',
    about: 'the endpoint',
    seenBy: 'the traffic manager, once there is one',
    raiseAfterMs: 0,
    clearAfterMs: MINUTE_MS,
  },
} as const satisfies Record<string, AlarmKind>

export type AlarmCode = keyof typeof ALARMS

/** An episode may be of a code that another version has. */
export function alarmKind(code: string): AlarmKind | undefined {
  return Object.hasOwn(ALARMS, code) ? ALARMS[code as AlarmCode] : undefined
}
