import { loggable, withoutSecrets, withoutSecretValues } from './redaction.ts'

/** Lines of a log as they may leave the house: without secrets and without what people wrote, whatever was logged. */
export function shareableLines(lines: readonly string[]): string {
  return lines.map((line) => `${shareableLine(line)}\n`).join('')
}

/** A value as JSON for people to read, without secrets. */
export function shareableJson(value: unknown): string {
  return `${JSON.stringify(withoutSecretValues(value), null, 2)}\n`
}

function shareableLine(line: string): string {
  try {
    const fields: unknown = JSON.parse(line)
    if (typeof fields === 'object' && fields !== null && !Array.isArray(fields))
      return JSON.stringify(loggable(fields as Record<string, unknown>, false))
  } catch {
    // Not one of ours, such as the last words of a runtime.
  }
  return withoutSecrets(line)
}
