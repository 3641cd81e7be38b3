import { DOCTOR_BOUNDS } from './doctor-catalogue.ts'
import {
  type DoctorFault,
  type DoctorView,
  eachAlone,
  failed,
  type Judge,
  type Judgement,
  named,
  type Seen,
  seenOf,
  warning,
} from './doctor-view-decision.ts'

// Checks of what each node has by itself, and of what one node has to another.

const GIBIBYTE = 1024 ** 3

export function judgeAnswers({ reports }: DoctorView): Judgement {
  const faults = reports.flatMap(({ node, silent }) =>
    silent === undefined
      ? []
      : failed([node], `${node}: ${silent}`, 'See whether it runs: its log, and `holdfast status`. Then ask again.'),
  )
  const looked = reports.map(({ node }) => node)
  return { looked, faults, well: (nodes) => `${nodes.length} of ${looked.length} nodes answered.` }
}

export const judgeSchema: Judge = eachAlone(
  'schema',
  ({ node, fact: { knows, applied, breaking } }) => {
    if (breaking !== undefined)
      return failed(
        [node],
        `${node}: the database has migration ${breaking}, which the program does not know and cannot pass over.`,
        'Upgrade this node at once.',
      )
    if (applied < knows)
      return failed(
        [node],
        `${node}: the database has migrations up to ${applied}, the program needs ${knows}.`,
        'Restart the node, which brings the database up to date; was it restored from an older backup?',
      )
    if (applied > knows)
      return warning(
        [node],
        `${node}: the program knows migrations up to ${knows}, the database has ${applied}.`,
        'It goes on well; finish the upgrade.',
      )
    return undefined
  },
  ([one]) => `Migration ${one?.fact.applied}, which the program knows.`,
)

export function judgePorts(view: DoctorView): Judgement {
  const seen = seenOf(view, 'ports')
  const ways = seen.flatMap(({ node: from, fact }) => fact.reaches.map((way) => ({ ...way, from })))
  const faults = [...Map.groupBy(ways, ({ node, what }) => `${node} ${what}`).values()].flatMap((group) => {
    const broken = group.filter(({ roundTripMs }) => roundTripMs === undefined)
    const [one] = broken
    if (!one) return []
    const from = broken.map((way) => way.from)
    const told = `${one.node}: its ${one.what} port at ${one.address} cannot be reached from ${named(from)} (${one.reason}).`
    const remedy =
      one.what === 'link'
        ? 'Open the port between the nodes, or set relay.port, relay.host and relay.advertise so that others find it.'
        : 'Open the port, or set host and port so that others find it.'
    const severe = one.what === 'link' || broken.length === group.length
    return [severe ? failed([one.node], told, remedy) : warning([one.node], told, remedy)]
  })
  const well = (nodes: readonly string[]) => {
    const fine = seen.filter(({ node }) => nodes.includes(node))
    const told = fine.map(
      ({ node, fact }) => `${node} ${fact.listens.map(({ what, port }) => `${what} ${port}`).join(', ')}`,
    )
    return `${told.join('; ')}.`
  }
  return { looked: seen.map(({ node }) => node), faults, well }
}

export const judgeDatabase: Judge = eachAlone(
  'database',
  ({ node, fact: { faults, roundTripMs } }) => {
    const [first] = faults
    if (first)
      return failed(
        [node],
        `${node}: ${faults.map(({ name, found }) => `${name} is ${found || 'empty'}`).join(', ')}.`,
        faults.map(({ remedy }) => remedy).join(' '),
      )
    const { roundTripWarningMs, roundTripFailedMs } = DOCTOR_BOUNDS
    if (roundTripMs < roundTripWarningMs) return undefined
    const told = `${node}: a round trip to the database takes ${roundTripMs.toFixed(1)} ms.`
    const remedy = 'Every message waits for at least one: bring node and database nearer, or see what keeps them busy.'
    return roundTripMs >= roundTripFailedMs ? failed([node], told, remedy) : warning([node], told, remedy)
  },
  (fine) => {
    const slowestMs = Math.max(...fine.map(({ fact }) => fact.roundTripMs))
    return `Safe settings, a round trip of at most ${slowestMs.toFixed(1)} ms.`
  },
)

export const judgeDisk: Judge = eachAlone(
  'disk',
  ({ node, fact: { freeBytes, totalBytes } }) => {
    const share = freeBytes / Math.max(totalBytes, 1)
    const told = `${node}: ${gibibytes(freeBytes)} free where its data directory is (${(share * 100).toFixed(1)} %).`
    if (freeBytes < DOCTOR_BOUNDS.diskFreeBytesMin) return failed([node], told, 'Free at least 1 GiB.')
    if (share < DOCTOR_BOUNDS.diskFreeShareMin) return warning([node], told, 'Make room before it is full.')
    return undefined
  },
  (fine) => `At least ${gibibytes(Math.min(...fine.map(({ fact }) => fact.freeBytes)))} free.`,
)

export const judgeMasterKey: Judge = eachAlone(
  'masterKey',
  ({ node, fact: { state } }) => {
    const remedy = 'Give it the present master key (masterKeyFile, masterKeyCommand or masterKey) and restart it.'
    if (state === 'none') return failed([node], `${node}: no master key of it opens the secrets.`, remedy)
    if (state === 'earlier')
      return warning([node], `${node}: its master key opens only what an earlier one sealed.`, remedy)
    return undefined
  },
  (fine) => (fine.every(({ fact }) => fact.state === 'no-secrets') ? 'There are no secrets yet.' : 'The secrets open.'),
)

export function judgeMemory(view: DoctorView): Judgement {
  const seen = seenOf(view, 'memory')
  const { memoryUsedShareWarning, memoryUsedShareFailed } = DOCTOR_BOUNDS
  const alone = seen.flatMap(({ node, fact }): readonly DoctorFault[] => {
    const { usedBytes, machineBytesMax, heapBytesMax } = fact
    const share = usedBytes / Math.max(machineBytesMax, 1)
    const told = `${node}: it uses ${gibibytes(usedBytes)} of the ${gibibytes(machineBytesMax)} that it may.`
    const remedy = 'Give it more memory, or lower limits.sockets and limits.conversations.'
    if (share >= memoryUsedShareFailed) return [failed([node], told, remedy)]
    if (share >= memoryUsedShareWarning) return [warning([node], told, remedy)]
    if (heapBytesMax <= machineBytesMax) return []
    const wide = `${node}: the runtime may take ${gibibytes(heapBytesMax)}, the machine gives ${gibibytes(machineBytesMax)}.`
    return [
      warning([node], wide, 'Set --max-old-space-size in NODE_OPTIONS below that: the system would end it otherwise.'),
    ]
  })
  const unequal = [...Map.groupBy(seen, ({ role }) => role)].flatMap(([role, group]) => unequalLimits(role, group))
  const well = (nodes: readonly string[]) => {
    const fine = seen.filter(({ node }) => nodes.includes(node))
    return `The runtime may take ${gibibytes(Math.min(...fine.map(({ fact }) => fact.heapBytesMax)))} and more.`
  }
  return { looked: seen.map(({ node }) => node), faults: [...alone, ...unequal], well }
}

export const judgeOpenFiles: Judge = eachAlone(
  'openFiles',
  ({ node, fact: { limit, wanted } }) =>
    limit >= wanted
      ? undefined
      : warning(
          [node],
          `${node}: ${limit} files may be open, limits.sockets may need ${wanted}.`,
          'Raise the limit (LimitNOFILE, ulimit -n), or lower limits.sockets.',
        ),
  (fine) => `At least ${Math.min(...fine.map(({ fact }) => fact.limit))} files may be open.`,
)

/** Load is shared evenly: a node with half the memory of its like is full when the others are not. */
function unequalLimits(role: string, group: readonly Seen<'memory'>[]): readonly DoctorFault[] {
  const most = Math.max(...group.map(({ fact }) => fact.heapBytesMax))
  const small = group.filter(({ fact }) => fact.heapBytesMax < most / 2).map(({ node }) => node)
  if (small.length === 0) return []
  const told = `${named(small)}: the runtime may take less than half of the ${gibibytes(most)} of other nodes with role ${role}.`
  return [warning(small, told, 'Give nodes of one role the same memory: each takes the same share of the load.')]
}

function gibibytes(bytes: number): string {
  return `${(bytes / GIBIBYTE).toFixed(1)} GiB`
}
