import type { RefusalCode } from '../base/refusals.ts'
import type { Command, CommandType } from './command.ts'
import { isName, LABEL_LENGTH_MAX, textFault } from './text-rule.ts'

type Fault = Extract<RefusalCode, 'bad-text' | 'too-large' | 'malformed'>

interface Texts {
  /** Bounded by the limit for texts. */
  readonly long?: readonly (string | undefined)[]
  /** Bounded by `LABEL_LENGTH_MAX`. */
  readonly short?: readonly (string | undefined)[]
  readonly names?: readonly string[]
}

/** The texts in each command; total, so that a new command does not compile before its texts are judged. */
const TEXTS: {
  readonly [Type in CommandType]: (command: Extract<Command, { readonly type: Type }>) => Texts
} = {
  open: ({ subject, email }) => ({ short: [subject, email] }),
  join: () => ({}),
  leave: ({ reason }) => ({ short: [reason] }),
  message: ({ text }) => ({ long: [text] }),
  note: ({ text }) => ({ long: [text] }),
  whisper: ({ to, text }) => ({ long: [text], names: [to] }),
  notice: ({ notice, url, data }) => ({ long: [data], short: [notice, url] }),
  transfer: ({ to, name }) => ({ short: [name], names: [to] }),
  rate: ({ comment }) => ({ long: [comment] }),
  close: () => ({}),
  timer: () => ({}),
}

/** The first fault of the texts of a command, if there is one. */
export function commandTextFault(command: Command, textLengthMax: number): Fault | undefined {
  const textsOf = TEXTS[command.type] as (command: Command) => Texts
  const { long = [], short = [], names = [] } = textsOf(command)
  if (!names.every(isName)) return 'malformed'
  return firstFault(long, textLengthMax) ?? firstFault(short, LABEL_LENGTH_MAX)
}

function firstFault(texts: readonly (string | undefined)[], lengthMax: number): Fault | undefined {
  for (const text of texts) {
    const fault = text === undefined ? undefined : textFault(text, lengthMax)
    if (fault) return fault
  }
  return undefined
}
