/** A span of time for a person: `3 s`, `12 min`, `5 h`, `3 d`. */
export function spanText(spanMs: number): string {
  const seconds = Math.max(0, Math.round(spanMs / 1_000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h`
  return `${Math.floor(seconds / 86_400)} d`
}

/** A point of time seen from another one: `12 min ago`, `in 2 h`; within a few seconds, `just now`. */
export function agoText(at: number, now: number): string {
  const spanMs = now - at
  if (Math.abs(spanMs) < 4_500) return 'just now'
  return spanMs > 0 ? `${spanText(spanMs)} ago` : `in ${spanText(-spanMs)}`
}

/** A whole number with thousands set apart, the same in every place of the page. */
export function countText(count: number): string {
  return new Intl.NumberFormat('en').format(count)
}

/** `1 node`, `2 nodes`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`
}

/** Letters that stand for a name in a small round. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? '')][0] ?? '')
  return letters.join('').toUpperCase()
}

/** One of `count` colours, always the same one for the same name. */
export function colourOf(name: string, count: number): number {
  let hash = 0
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003
  return hash % count
}
