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

/** A setting that may be shown, read as `read` does; whatever that has no answer for is not allowed. */
function shownSetting<Value>(
  fallback: Value,
  texts: { readonly help: string; readonly allowed: string },
  read: (raw: unknown) => Value | undefined,
): Setting<Value> {
  return {
    fallback,
    ...texts,
    secret: false,
    read(raw) {
      const value = read(raw)
      if (value === undefined) throw new SettingFault(texts.allowed)
      return value
    },
  }
}

export function textSetting(
  fallback: string,
  help: string,
  rule: { allowed?: string; pattern?: TextRule; secret?: boolean } = {},
): Setting<string> {
  const texts = { help, allowed: rule.allowed ?? 'text' }
  const setting = shownSetting(fallback, texts, (raw) =>
    typeof raw === 'string' && (rule.pattern?.test(raw) ?? true) ? raw : undefined,
  )
  return { ...setting, secret: rule.secret ?? false }
}

/** A whole number; text is read as decimal. */
export function numberSetting(fallback: number, help: string, bounds: { min: number; max: number }): Setting<number> {
  const texts = { help, allowed: `a whole number from ${bounds.min} to ${bounds.max}` }
  return shownSetting(fallback, texts, (raw) => {
    const value = typeof raw === 'string' && /^\d+$/.test(raw) ? Number(raw) : raw
    const whole = typeof value === 'number' && Number.isInteger(value)
    return whole && value >= bounds.min && value <= bounds.max ? value : undefined
  })
}

export function flagSetting(fallback: boolean, help: string): Setting<boolean> {
  return shownSetting(fallback, { help, allowed: 'true or false' }, (raw) => {
    if (raw === true || raw === 'true' || raw === '1') return true
    return raw === false || raw === 'false' || raw === '0' ? false : undefined
  })
}

export function choiceSetting<const Choice extends string>(
  choices: readonly Choice[],
  fallback: NoInfer<Choice>,
  help: string,
): Setting<Choice> {
  const texts = { help, allowed: choices.join(' | ') }
  return shownSetting<Choice>(fallback, texts, (raw) => choices.find((choice) => choice === raw))
}

/** Several texts: a JSON array in a file, separated by commas elsewhere. */
export function listSetting(
  fallback: readonly string[],
  help: string,
  rule: { allowed: string; pattern: TextRule },
): Setting<readonly string[]> {
  return shownSetting(fallback, { help, allowed: rule.allowed }, (raw) => {
    const parts: unknown =
      typeof raw === 'string'
        ? raw
            .split(',')
            .map((part) => part.trim())
            .filter(Boolean)
        : raw
    const fits = Array.isArray(parts) && parts.every((part) => typeof part === 'string' && rule.pattern.test(part))
    return fits ? parts : undefined
  })
}
