import type { CheckReport } from './log-checker.ts'

/** One figure that faults left behind, and the most that it may be. (`bench` compares many turns: `ComparisonBar`.) */
export interface FaultBar {
  readonly name: string
  /** Absent: it was not measured, and so does not hold. */
  readonly value?: number
  readonly most: number
  readonly unit: 'ms' | ''
  readonly holds: boolean
}

export function faultBar(name: string, value: number | undefined, most: number, unit: FaultBar['unit'] = ''): FaultBar {
  if (value === undefined) return { name, most, unit, holds: false }
  const rounded = Math.round(value)
  return { name, value: rounded, most, unit, holds: rounded <= most }
}

/** No fault of any kind between the log and those who saw it. */
export function checkBars({ counts }: Pick<CheckReport, 'counts'>): readonly FaultBar[] {
  return Object.entries(counts).map(([name, count]) => faultBar(wordsOf(name), count, 0))
}

export function barLine({ name, value, most, unit, holds }: FaultBar): string {
  const figure = value === undefined ? 'not measured' : `${value}${unit && ` ${unit}`}`
  return `${name} ${figure} (bar ${most}${unit && ` ${unit}`}): ${holds ? 'holds' : 'MISSED'}`
}

/** `lost 0, duplicated 0, reordered 0, ...` */
export function countsLine({ counts }: CheckReport): string {
  return Object.entries(counts)
    .map(([name, count]) => `${wordsOf(name)} ${count}`)
    .join(', ')
}

/** `crossDelivered` as `cross delivered`. */
function wordsOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}
