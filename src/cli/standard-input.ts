import type { VerbIo } from './verb.ts'

/** All of standard input, without the end of its last line. */
export async function standardInput(io: VerbIo): Promise<string> {
  const lines: string[] = []
  for await (const line of io.lines()) lines.push(line)
  return lines.join('\n')
}
