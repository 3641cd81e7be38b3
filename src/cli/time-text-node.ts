/** A time as people write it down, in the universal zone: `2026-01-31 12:00:05Z`. */
export function timeText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')}Z`
}
