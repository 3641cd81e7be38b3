import type { NodeName } from '../base/ids.ts'
import type { DoctorFacts, DoctorSection } from '../protocol/doctor-schema.ts'

/** What is known of one node: its answer, or why there is none. */
export interface NodeReport {
  readonly node: NodeName
  readonly role: string
  readonly facts?: DoctorFacts
  /** Its clock minus that of the asker. */
  readonly clock?: Measured
  readonly silent?: string
}

/** A difference of two clocks, true to within `uncertaintyMs` either way. */
export interface Measured {
  readonly offsetMs: number
  readonly uncertaintyMs: number
}

/** Everything that the checks judge. */
export interface DoctorView {
  readonly reports: readonly NodeReport[]
  readonly asker: NodeName
  readonly nowMs: number
}

export interface DoctorFault {
  readonly severity: 'warning' | 'failed'
  readonly nodes: readonly NodeName[]
  readonly sentence: string
  readonly remedy: string
}

/** What one check says: of whom it could say anything, what is wrong, and how things are with those who are well. */
export interface Judgement {
  readonly looked: readonly NodeName[]
  readonly faults: readonly DoctorFault[]
  well(nodes: readonly NodeName[]): string
}

export type Judge = (view: DoctorView) => Judgement

/** One section of every answer that has it. */
export interface Seen<Name extends DoctorSection> {
  readonly node: NodeName
  readonly role: string
  readonly fact: NonNullable<DoctorFacts[Name]>
}

/** A section of all nodes that told it. */
export function seenOf<Name extends DoctorSection>({ reports }: DoctorView, section: Name): readonly Seen<Name>[] {
  return reports.flatMap(({ node, role, facts }) => {
    const fact = facts?.[section]
    return fact === undefined ? [] : [{ node, role, fact: fact as Seen<Name>['fact'] }]
  })
}

interface Told {
  readonly node: NodeName
  readonly value: string
}

/**
 * What most nodes say, and who says something else. Where as many say one thing as another, the asker is believed if it
 * is among them: somebody must be.
 */
export function compareTold(
  told: readonly Told[],
  asker: NodeName,
): { readonly usual: string; readonly others: readonly { readonly value: string; readonly nodes: NodeName[] }[] } {
  const groups = [...Map.groupBy(told, ({ value }) => value)].map(([value, group]) => {
    return { value, nodes: group.map(({ node }) => node) }
  })
  const [first, ...others] = groups.sort(
    (one, other) =>
      other.nodes.length - one.nodes.length || Number(other.nodes.includes(asker)) - Number(one.nodes.includes(asker)),
  )
  return { usual: first?.value ?? '', others }
}

/** `n1`, `n1 and n2`, `n1, n2 and n3`. */
export function named(nodes: readonly NodeName[]): string {
  return nodes.length < 2 ? (nodes[0] ?? 'nobody') : `${nodes.slice(0, -1).join(', ')} and ${nodes.at(-1)}`
}

export function warning(nodes: readonly NodeName[], sentence: string, remedy: string): DoctorFault {
  return { severity: 'warning', nodes, sentence, remedy }
}

export function failed(nodes: readonly NodeName[], sentence: string, remedy: string): DoctorFault {
  return { severity: 'failed', nodes, sentence, remedy }
}

/** The judgement of a check that looks at each node by itself. */
export function eachAlone<Name extends DoctorSection>(
  section: Name,
  faultOf: (seen: Seen<Name>) => DoctorFault | undefined,
  well: (fine: readonly Seen<Name>[]) => string,
): Judge {
  return (view) => {
    const seen = seenOf(view, section)
    return {
      looked: seen.map(({ node }) => node),
      faults: seen.flatMap((one) => faultOf(one) ?? []),
      well: (nodes) => well(seen.filter(({ node }) => nodes.includes(node))),
    }
  }
}
