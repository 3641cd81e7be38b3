import { decideExpiry } from '../config/certificate-decision.ts'
import { DOCTOR_BOUNDS } from './doctor-catalogue.ts'
import {
  compareTold,
  type DoctorFault,
  type DoctorView,
  failed,
  type Judgement,
  type Measured,
  named,
  seenOf,
  warning,
} from './doctor-view-decision.ts'

// Checks of what must be the same on all nodes.

export function judgePublicAddress(view: DoctorView): Judgement {
  const seen = seenOf(view, 'publicAddress')
  const urls = compareTold(
    seen.map(({ node, fact }) => ({ node, value: fact.publicUrl })),
    view.asker,
  )
  const addresses = compareTold(
    seen.map(({ node, fact }) => ({ node, value: [...fact.addresses].sort().join(', ') })),
    view.asker,
  )
  const shown = (value: string) => value || 'not set'
  const edges = seen.filter(({ role }) => takesClients(role)).map(({ node }) => node)
  const unset = urls.usual === '' && urls.others.length === 0 && edges.length > 1
  const faults = [
    ...urls.others.map(({ value, nodes }) =>
      failed(
        nodes,
        `${named(nodes)}: publicUrl is ${shown(value)}, elsewhere ${shown(urls.usual)}.`,
        'Give every node the same publicUrl and restart those that have another one: tokens of one are refused by the other.',
      ),
    ),
    ...addresses.others.map(({ value, nodes }) =>
      warning(
        nodes,
        `${named(nodes)}: addresses are ${shown(value)}, elsewhere ${shown(addresses.usual)}.`,
        'Give every node the same addresses: what clients try when one does not answer depends on whom they met first.',
      ),
    ),
    ...(unset
      ? [
          warning(
            edges,
            `No publicUrl is set for ${named(edges)}: links lead to single nodes.`,
            'Set publicUrl to the one address that people use, on every node.',
          ),
        ]
      : []),
  ]
  return { looked: namesOf(seen), faults, well: () => `publicUrl is ${shown(urls.usual)}.` }
}

export function judgeCertificate(view: DoctorView): Judgement {
  const seen = seenOf(view, 'certificate')
  const secure = seen.filter(({ fact }) => fact.tls)
  const shown = secure.flatMap(({ node, fact }) => (fact.shown ? [{ node, ...fact.shown }] : []))
  const { usual, others } = compareTold(
    shown.map(({ node, fingerprint }) => ({ node, value: fingerprint })),
    view.asker,
  )
  const edges = seen.filter(({ role }) => takesClients(role))
  const plain = edges.filter(({ fact }) => !fact.tls).map(({ node }) => node)
  const silent = secure.filter(({ fact }) => !fact.shown).map(({ node }) => node)
  const faults: DoctorFault[] = others.map(({ value, nodes }) =>
    failed(
      nodes,
      `${named(nodes)}: the port shows certificate ${short(value)}, elsewhere ${short(usual)}.`,
      'It reads the present one within two seconds when it reaches the database; look into its log, or restart it.',
    ),
  )
  if (silent.length > 0)
    faults.push(
      failed(
        silent,
        `${named(silent)}: TLS is on and the port shows no certificate.`,
        'Look into the log; import a certificate by `holdfast cert import`.',
      ),
    )
  if (plain.length > 0 && plain.length < edges.length)
    faults.push(
      warning(
        plain,
        `${named(plain)}: plain HTTP is spoken, other edges speak TLS.`,
        'Give all edges the same tls, host and allowPlainHttp.',
      ),
    )
  for (const [fingerprint, group] of Map.groupBy(shown, (each) => each.fingerprint)) {
    const [one] = group
    const nodes = group.map(({ node }) => node)
    const { stage, sentence } = one ? decideExpiry(one, view.nowMs) : { stage: 'good', sentence: '' }
    const told = `${named(nodes)}: ${short(fingerprint)}, ${one?.subject}. ${sentence}`
    const remedy = 'Import another one by `holdfast cert import`, or have one issued by `holdfast cert issue`.'
    if (stage === 'ended') faults.push(failed(nodes, told, remedy))
    if (stage === 'soon' || stage === 'urgent') faults.push(warning(nodes, told, remedy))
  }
  const well = () =>
    secure.length === 0 ? 'Plain HTTP is spoken; no certificate is shown.' : `Certificate ${short(usual)} is shown.`
  return { looked: namesOf(seen), faults, well }
}

export function judgeVersion(view: DoctorView): Judgement {
  const seen = seenOf(view, 'program')
  const newest = seen.reduce((one, { fact }) => (isOlder(one, fact.version) ? fact.version : one), '')
  const behind = Map.groupBy(
    seen.filter(({ fact }) => fact.version !== newest),
    ({ fact }) => fact.version,
  )
  const faults: DoctorFault[] = [...behind].map(([version, group]) => {
    const nodes = namesOf(group)
    const told = `${named(nodes)}: the program is version ${version}, elsewhere ${newest}.`
    return areNeighbours(version, newest)
      ? warning(nodes, told, `Finish the upgrade: start ${newest} there, too.`)
      : failed(nodes, told, 'Versions must be neighbours: upgrade one after the other, each on all nodes.')
  })
  const { usual, others } = compareTold(
    seen.map(({ node, fact }) => ({ node, value: String(fact.formatReads) })),
    view.asker,
  )
  // Of different versions it is said already.
  if (behind.size === 0)
    for (const { value, nodes } of others)
      faults.push(
        warning(
          nodes,
          `${named(nodes)}: events are read up to format ${value}, elsewhere ${usual}; all nodes write the lowest.`,
          'Install the same program everywhere.',
        ),
      )
  const [first, ...rest] = seen.map(({ fact }) => fact.protocols)
  if (first && !first.some((version) => rest.every((spoken) => spoken.includes(version))))
    faults.push(
      failed(
        namesOf(seen),
        `There is no protocol that all speak: ${seen.map(({ node, fact }) => `${node} ${fact.protocols.join(', ')}`).join('; ')}.`,
        'Finish the upgrade: clients of one node could not go to another one.',
      ),
    )
  return { looked: namesOf(seen), faults, well: () => `The program is version ${newest}.` }
}

export function judgeRuntime(view: DoctorView): Judgement {
  const seen = seenOf(view, 'runtime')
  const { usual, others } = compareTold(
    seen.map(({ node, fact }) => ({ node, value: fact.version })),
    view.asker,
  )
  const isOld = (version: string) => Number.parseInt(version, 10) < DOCTOR_BOUNDS.nodeMajorMin
  const old = seen.filter(({ fact }) => isOld(fact.version))
  const faults = [
    ...old.map(({ node, fact }) =>
      failed([node], `${node}: it runs on Node ${fact.version}.`, `Run it on Node ${DOCTOR_BOUNDS.nodeMajorMin}.`),
    ),
    ...others
      .filter(({ value }) => !isOld(value))
      .map(({ value, nodes }) =>
        warning(nodes, `${named(nodes)}: Node is ${value}, elsewhere ${usual}.`, 'Bring the same Node everywhere.'),
      ),
  ]
  return { looked: namesOf(seen), faults, well: () => `Node ${usual}.` }
}

export function judgeConfiguration(view: DoctorView): Judgement {
  const seen = seenOf(view, 'configuration')
  const revision = Math.max(0, ...seen.map(({ fact }) => fact.revision))
  const behind = seen.filter(({ fact }) => fact.revision < revision)
  const newest = seen.filter(({ fact }) => fact.revision === revision)
  const { usual, others } = compareTold(
    newest.map(({ node, fact }) => ({ node, value: fact.digest })),
    view.asker,
  )
  const faults = [
    ...behind.map(({ node, fact }) =>
      warning(
        [node],
        `${node}: the configuration is revision ${fact.revision}, elsewhere ${revision}.`,
        'Nodes follow within two seconds: ask again. If it stays, see whether the node reaches the database.',
      ),
    ),
    ...others.map(({ value, nodes }) =>
      failed(
        nodes,
        `${named(nodes)}: revision ${revision} has the digest ${value}, elsewhere ${usual}.`,
        'Restart it; if it stays, the program there reads documents in another way: install the same one everywhere.',
      ),
    ),
  ]
  return { looked: namesOf(seen), faults, well: () => `Revision ${revision}, digest ${usual}.` }
}

/** The middle one is right: where the asker itself is wrong, all others would seem to be. */
export function judgeClock({ reports, asker }: DoctorView): Judgement {
  const told = reports.flatMap(({ node, clock }) => (clock ? [{ node, ...clock }] : []))
  const sorted = [...told].sort((one, other) => one.offsetMs - other.offsetMs)
  const middles = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.ceil((sorted.length - 1) / 2)]]
  const middle = middles.find((one) => one?.node === asker) ?? middles[0]
  const faults = told.flatMap(({ node, ...clock }): readonly DoctorFault[] => {
    if (!middle || node === middle.node) return []
    const apart = {
      offsetMs: clock.offsetMs - middle.offsetMs,
      uncertaintyMs: clock.uncertaintyMs + middle.uncertaintyMs,
    }
    return clockFault(node, apart, `that of ${middle.node}`)
  })
  const widestMs = Math.max(0, ...told.map(({ offsetMs }) => Math.abs(offsetMs - (middle?.offsetMs ?? 0))))
  const well = () => (faults.length === 0 ? `Within ${Math.round(widestMs)} ms of each other.` : 'Like the middle one.')
  return { looked: told.map(({ node }) => node), faults, well }
}

export function judgeDatabaseClock(view: DoctorView): Judgement {
  const seen = seenOf(view, 'databaseClock')
  const faults = seen.flatMap(({ node, fact }) => clockFault(node, fact, 'that of the database'))
  const well = (nodes: readonly string[]) => {
    const fine = seen.filter(({ node }) => nodes.includes(node))
    return `Within ${Math.round(Math.max(...fine.map(({ fact }) => Math.abs(fact.offsetMs))))} ms of the database.`
  }
  return { looked: namesOf(seen), faults, well }
}

export function judgeTime(view: DoctorView): Judgement {
  const seen = seenOf(view, 'time')
  const { usual, others } = compareTold(
    seen.map(({ node, fact }) => ({ node, value: fact.zone })),
    view.asker,
  )
  const alone = seen.filter(({ fact }) => fact.followed === false).map(({ node }) => node)
  const faults = others.map(({ value, nodes }) =>
    warning(
      nodes,
      `${named(nodes)}: the time zone is ${value}, elsewhere ${usual}.`,
      'Set one time zone, best UTC, on all machines: whoever compares their logs must convert otherwise.',
    ),
  )
  if (alone.length > 0)
    faults.push(
      warning(
        alone,
        `${named(alone)}: no time server is followed.`,
        'Let the machine follow one (timedatectl, chrony).',
      ),
    )
  return { looked: namesOf(seen), faults, well: () => `Time zone ${usual}.` }
}

function clockFault(node: string, { offsetMs, uncertaintyMs }: Measured, other: string): readonly DoctorFault[] {
  const { clockWarningMs, clockFailedMs } = DOCTOR_BOUNDS
  const surelyMs = Math.abs(offsetMs) - uncertaintyMs
  const remedy = 'Let every machine follow a time server: certificates and tokens are judged by these clocks.'
  const side = offsetMs < 0 ? 'behind' : 'ahead of'
  const told = `${node}: the clock is ${Math.round(Math.abs(offsetMs))} ms (± ${Math.ceil(uncertaintyMs)}) ${side} ${other}.`
  if (surelyMs >= clockFailedMs) return [failed([node], told, remedy)]
  if (surelyMs >= clockWarningMs) return [warning([node], told, remedy)]
  if (uncertaintyMs < clockFailedMs) return []
  const vague = `${node}: the clock could be compared with ${other} to ± ${Math.ceil(uncertaintyMs)} ms only.`
  return [warning([node], vague, 'Ask again; if it stays, the way there is too slow, or the machine too busy.')]
}

function takesClients(role: string): boolean {
  return role === 'edge' || role === 'all'
}

function namesOf(seen: readonly { readonly node: string }[]): readonly string[] {
  return seen.map(({ node }) => node)
}

function short(fingerprint: string): string {
  return fingerprint.slice(0, 16)
}

/** `2.10.3` -> [2, 10, 3]; of what is no version nothing is known. */
function numbersIn(version: string): readonly number[] {
  return /^\d+\.\d+\.\d+/.exec(version)?.[0].split('.').map(Number) ?? []
}

function isOlder(version: string, other: string): boolean {
  const [one, another] = [numbersIn(version), numbersIn(other)]
  const at = [0, 1, 2].find((index) => (one[index] ?? -1) !== (another[index] ?? -1))
  return at === undefined ? version < other : (one[at] ?? -1) < (another[at] ?? -1)
}

/** A node understands those of its own version, of the one before and of the one after. */
function areNeighbours(version: string, other: string): boolean {
  const [[major, minor], [otherMajor, otherMinor]] = [numbersIn(version), numbersIn(other)]
  return major !== undefined && major === otherMajor && Math.abs((minor ?? 0) - (otherMinor ?? 0)) <= 1
}
