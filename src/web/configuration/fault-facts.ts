import type { ConfigFaultRow } from '../../protocol/config-answers.ts'

/** Something wrong, where it is known where. */
export interface TextFault {
  readonly field: string
  readonly sentence: string
  /** Of another document than the one that is shown. */
  readonly document?: string
  readonly line?: number
}

/** What a server found wrong, seen from the page of a document; `shown` absent: from no document's page. */
export function faultsOf(faults: readonly ConfigFaultRow[], shown?: string): readonly TextFault[] {
  return faults.map(({ document, field, sentence, line }) => ({
    field,
    sentence,
    ...(document !== shown && { document }),
    ...(document === shown && line !== undefined && { line }),
  }))
}

/** What is wrong with a field itself, in one text. */
export function faultAt(faults: readonly TextFault[], field: string): string | undefined {
  const own = faults.filter((fault) => fault.document === undefined && fault.field === field)
  return own.length === 0 ? undefined : own.map(({ sentence }) => sentence).join(' ')
}

/** The control that a fault leads to: its own, or the nearest around it that there is. */
export function nearestControl(field: string, exists: (field: string) => boolean): string | undefined {
  const parts = field.split('.')
  for (let length = parts.length; length > 0; length--) {
    const at = parts.slice(0, length).join('.')
    if (exists(at)) return at
  }
  return undefined
}
