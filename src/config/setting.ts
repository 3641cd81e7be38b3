/** One setting: how to read it from text or JSON, what it is when nobody sets it, and what it means. */
export interface Setting<Value> {
  readonly fallback: Value
  readonly help: string
  /** What may stand there, for messages and the reference page. */
  readonly allowed: string
  /** Never printed, and better given by the environment than on the command line. */
  readonly secret: boolean
  /** Answers the value, or throws `SettingFault` with what is wrong with it. */
  read(raw: unknown): Value
}

/** What a text must be like: a regular expression, or something that knows better. */
export interface TextRule {
  test(text: string): boolean
}

/** A value that a setting does not allow. */
export class SettingFault extends Error {
  override readonly name = 'SettingFault'
}

export function textSetting(
  fallback: string,
  help: string,
  rule: { allowed?: string; pattern?: TextRule; secret?: boolean } = {},
): Setting<string> {
  const allowed = rule.allowed ?? 'text'
  return {
    fallback,
    help,
    allowed,
    secret: rule.secret ?? false,
    read(raw) {
      if (typeof raw !== 'string' || (rule.pattern && !rule.pattern.test(raw))) throw new SettingFault(allowed)
      return raw
    },
  }
}

/** A whole number; text is read as decimal. */
export function numberSetting(fallback: number, help: string, bounds: { min: number; max: number }): Setting<number> {
  const allowed = `a whole number from ${bounds.min} to ${bounds.max}`
  return {
    fallback,
    help,
    allowed,
    secret: false,
    read(raw) {
      const value = typeof raw === 'string' && /^\d+$/.test(raw) ? Number(raw) : raw
      if (typeof value !== 'number' || !Number.isInteger(value) || value < bounds.min || value > bounds.max)
        throw new SettingFault(allowed)
      return value
    },
  }
}

export function flagSetting(fallback: boolean, help: string): Setting<boolean> {
  const allowed = 'true or false'
  return {
    fallback,
    help,
    allowed,
    secret: false,
    read(raw) {
      if (raw === true || raw === 'true' || raw === '1') return true
      if (raw === false || raw === 'false' || raw === '0') return false
      throw new SettingFault(allowed)
    },
  }
}

export function choiceSetting<const Choice extends string>(
  choices: readonly Choice[],
  fallback: NoInfer<Choice>,
  help: string,
): Setting<Choice> {
  const allowed = choices.join(' | ')
  return {
    fallback,
    help,
    allowed,
    secret: false,
    read(raw) {
      const found = choices.find((choice) => choice === raw)
      if (found === undefined) throw new SettingFault(allowed)
      return found
    },
  }
}

/** Several texts: a JSON array in a file, separated by commas elsewhere. */
export function listSetting(
  fallback: readonly string[],
  help: string,
  rule: { allowed: string; pattern: TextRule },
): Setting<readonly string[]> {
  return {
    fallback,
    help,
    allowed: rule.allowed,
    secret: false,
    read(raw) {
      const parts: unknown =
        typeof raw === 'string'
          ? raw
              .split(',')
              .map((part) => part.trim())
              .filter(Boolean)
          : raw
      if (!Array.isArray(parts) || !parts.every((part) => typeof part === 'string' && rule.pattern.test(part)))
        throw new SettingFault(rule.allowed)
      return parts
    },
  }
}
