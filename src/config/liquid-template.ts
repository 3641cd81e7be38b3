import { Liquid, LiquidError } from 'liquidjs'
import type { FieldFault } from './config-kind.ts'

/** Where a template is wrong, and why, in a sentence. */
interface TemplateFault {
  readonly sentence: string
  /** In the template, from 1. */
  readonly line: number
}

/**
 * Templates that people write, in Liquid. They reach what they are given and nothing else: no file, no other template,
 * no prototype. Time and memory are bounded, as far as they can be in one process. What is unknown is empty.
 */
const LIMITS = {
  parseLimit: 300_000,
  // A node that stands still for longer than its lease loses what it owns; a letter of a thousand lines takes a tenth.
  renderLimit: 200,
  memoryLimit: 20_000_000,
  strictFilters: true,
  strictVariables: false,
  ownPropertyOnly: true,
  timezoneOffset: 0,
  // Instead of the file system: `include`, `render` and `layout` find nothing.
  templates: {},
} as const

function plainEngine(): Liquid {
  return new Liquid(LIMITS)
}

/** Every value is escaped where it is put out, by whatever tag; `raw` does not change that. */
function htmlEngine(): Liquid {
  const engine = new Liquid({ ...LIMITS, outputEscape: 'escape' })
  engine.registerFilter('raw', (value: unknown) => value)
  return engine
}

/** What is wrong with a template, if anything can be seen before it is used. */
export function templateFault(template: string): TemplateFault | undefined {
  try {
    plainEngine().parse(template)
    return undefined
  } catch (error) {
    return { sentence: sentenceOf(error), line: LiquidError.is(error) ? (error.token.getPosition()[0] ?? 1) : 1 }
  }
}

/** The faults of fields that are templates. */
export function liquidFaults(fields: Readonly<Record<string, string>>): readonly FieldFault[] {
  return Object.entries(fields).flatMap(([field, template]) => {
    const fault = templateFault(template)
    return fault ? [{ field, sentence: `This is not Liquid: ${fault.sentence}.` }] : []
  })
}

/** A template with its facts filled in. Rejects with a sentence. */
export async function renderTemplate(
  template: string,
  facts: Readonly<Record<string, unknown>>,
  form: 'text' | 'html',
): Promise<string> {
  const engine = form === 'html' ? htmlEngine() : plainEngine()
  try {
    return String(await engine.parseAndRender(template, facts))
  } catch (error) {
    throw new Error(sentenceOf(error))
  }
}

function sentenceOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.split('\n')[0]?.slice(0, 300) ?? ''
}
