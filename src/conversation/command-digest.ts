import type { Command } from './command.ts'

/**
 * Tells a retry from a key that was used twice: equal commands have equal digests, whatever the order of their fields.
 * Two 32-bit lanes of FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/) over the UTF-16 units of canonical JSON, the
 * second with a multiplier of its own so that the lanes do not repeat each other. It finds mistakes, not
 * forgeries: whoever may use a key may send any command under it anyway.
 *
 * `open` counts by its type alone. It means "be open, with me in it" and is repeated by every page load, perhaps
 * through a node whose settings changed; what it asks for matters only the first time.
 */
export function commandDigest(command: Command): string {
  const text = command.type === 'open' ? 'open' : canonicalJson(command)
  let [one, two] = [0x811c9dc5, 0x050c5d1f]
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    one = Math.imul(one ^ unit, FNV_PRIME)
    two = Math.imul(two ^ unit, OTHER_MULTIPLIER)
  }
  return hex(one) + hex(two)
}

const FNV_PRIME = 0x01000193
// Of MurmurHash3's finalizer: odd, and with bits all over.
const OTHER_MULTIPLIER = 0x85ebca6b

const hex = (lane: number) => (lane >>> 0).toString(16).padStart(8, '0')

function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  fields.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`).join(',')}}`
}
