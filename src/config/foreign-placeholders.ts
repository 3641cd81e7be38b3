/** What stands in a text for a value that Chime fills in, and what became of it. */
export type FoundPlaceholder =
  /** `from` became `to`. */
  | { readonly kind: 'ours'; readonly from: string; readonly to: string }
  /** There is nothing of ours for it. */
  | { readonly kind: 'unknown'; readonly from: string; readonly sentence: string }

// Their templates are Razor: `@Model.Name`, `@(Model.Name)`. Behind a letter the sign belongs to a mail address, and two of
// them stand for one.
const PLACEHOLDER = /(?<![\w@.])@(?:\(\s*Model\.(\w+(?:\.\w+)*)\s*\)|Model\.(\w+(?:\.\w+)*))/g
const STATEMENT = /(?<![\w@.])@(?:(?:if|foreach|for|switch|while)\s*\(|Html\.\w+|Model\b(?!\.\w))/g

/** What Chime fills in, and the fact of ours that says the same. */
const SAME: Readonly<Record<string, string>> = { ServerFQDN: 'server' }

/**
 * A text for Chime as a text for us, in Liquid: the placeholders that we know are replaced. Those of which there is nothing
 * here are told: a text that nobody fills in would be sent as it is. `facts`: what templates of the kind reach.
 */
export function withOurFacts(
  text: string,
  facts: readonly string[],
): { readonly text: string; readonly found: readonly FoundPlaceholder[] } {
  const found: FoundPlaceholder[] = []
  const replaced = text.replace(PLACEHOLDER, (from: string, inBrackets?: string, plain?: string) => {
    const fact = SAME[inBrackets ?? plain ?? '']
    if (fact !== undefined && facts.includes(fact)) {
      const to = `{{ ${fact} }}`
      found.push({ kind: 'ours', from, to })
      return to
    }
    found.push({ kind: 'unknown', from, sentence: `There is no ${from} here; these are filled in: ${listed(facts)}.` })
    return from
  })
  for (const [from] of replaced.matchAll(STATEMENT))
    found.push({
      kind: 'unknown',
      from,
      sentence: `${from} is Razor, which nothing here carries out: write it in Liquid.`,
    })
  return { text: replaced, found }
}

/**
 * In which line of a document each of some words stands, the same word again in the next place: from the line where its
 * field begins, comments left out.
 */
export function linesOf(document: string, fieldLine: number, words: readonly string[]): readonly number[] {
  const lines = document.split('\n').map((line) => (/^\s*#/.test(line) ? '' : line))
  const next = new Map<string, { line: number; from: number }>()
  return words.map((word) => {
    const at = next.get(word) ?? { line: fieldLine - 1, from: 0 }
    for (; at.line < lines.length; at.line += 1, at.from = 0) {
      const column = (lines[at.line] ?? '').indexOf(word, at.from)
      if (column < 0) continue
      next.set(word, { line: at.line, from: column + word.length })
      return at.line + 1
    }
    return fieldLine
  })
}

function listed(facts: readonly string[]): string {
  return facts.map((fact) => `{{ ${fact} }}`).join(', ')
}
