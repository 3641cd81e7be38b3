/** Field names whose value is a secret whatever it looks like. */
const SECRET_FIELD = /^(token|secret|password|passphrase|authorization|cookie|privateKey|join|masterKey)$/i
/** Field names that may hold what people wrote to each other. */
const TEXT_FIELD = /^(text|body|subject|comment|json|summary)$/
const LOG_DEPTH_MAX = 4
// Deeper than any document of ours; something must end what refers to itself.
const DEPTH_MAX = 32

const SECRET_PATTERNS: readonly (readonly [RegExp, string])[] = [
  // The password of a URL: scheme://user:password@host
  [/([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s@]+@/gi, '$1:***@'],
  // A JSON Web Token: three parts in base64url, the first a JSON object.
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, '[token]'],
  // A join token.
  [/\bhf1\.[\w-]+/g, '[join token]'],
  [/\b(Bearer)\s+\S+/gi, '$1 ***'],
  [/([?&#](?:token|secret|password|access_token)=)[^&\s#]*/gi, '$1***'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g, '[private key]'],
]

/** Text without passwords, tokens and keys. */
export function withoutSecrets(text: string): string {
  return SECRET_PATTERNS.reduce((clean, [pattern, instead]) => clean.replace(pattern, instead), text)
}

/** Log fields without secrets and, unless `logText`, without what people wrote. Errors become name, message and code. */
export function loggable(fields: Readonly<Record<string, unknown>>, logText: boolean): Record<string, unknown> {
  return cleanObject(fields, logText, LOG_DEPTH_MAX)
}

/** Any value without secrets, with what people wrote: for records and documents, which are whole or worth nothing. */
export function withoutSecretValues(value: unknown): unknown {
  return cleanValue(value, true, DEPTH_MAX)
}

/** Whether a field of this name holds a secret whatever its value looks like; of a path the last name counts. */
export function isSecretField(path: string): boolean {
  return SECRET_FIELD.test(path.slice(path.lastIndexOf('.') + 1))
}

function cleanObject(
  fields: Readonly<Record<string, unknown>>,
  logText: boolean,
  depthLeft: number,
): Record<string, unknown> {
  const clean: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue
    if (SECRET_FIELD.test(name)) clean[name] = '***'
    else if (!logText && TEXT_FIELD.test(name)) clean[name] = '[text]'
    else clean[name] = cleanValue(value, logText, depthLeft)
  }
  return clean
}

function cleanValue(value: unknown, logText: boolean, depthLeft: number): unknown {
  if (typeof value === 'string') return withoutSecrets(value)
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Error) return cleanError(value)
  if (typeof value !== 'object' || value === null) return value
  if (depthLeft <= 0) return '[deep]'
  if (Array.isArray(value)) return value.map((item) => cleanValue(item, logText, depthLeft - 1))
  return cleanObject(value as Record<string, unknown>, logText, depthLeft - 1)
}

function cleanError(error: Error & { code?: unknown }): Record<string, unknown> {
  return {
    name: error.name,
    message: withoutSecrets(error.message),
    ...(error.code === undefined ? {} : { code: error.code }),
    // The first frames tell where; the message above the stack may hold what was cut out, so it is left out.
    at: (error.stack ?? '')
      .split('\n')
      .filter((line) => /^\s+at /.test(line))
      .slice(0, 4)
      .map((line) => line.trim()),
  }
}
