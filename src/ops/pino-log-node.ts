import pino from 'pino'
import type { Log, LogFields } from '../base/log.ts'
import type { HiddenTexts } from '../config/hidden-texts.ts'
import type { RecentLines } from './recent-lines.ts'
import { loggable, withoutSecrets } from './redaction.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export interface PinoLogSettings {
  /** Every line carries it as `self`; the field `node` is the node that a line is about. */
  readonly node: string
  readonly level: LogLevel
  /** Whether fields that hold what people wrote are printed (`--log-text`). Secrets never are. */
  readonly logText: boolean
  /** Keeps the newest lines, too. */
  readonly recent?: RecentLines
  /** What no line may quote. */
  readonly hidden?: HiddenTexts
}

/** Lines of JSON on standard output, one per sentence; decisions carry their short name as `decision`. */
export function createPinoLog(settings: PinoLogSettings, stream?: { write(line: string): void }): Log {
  const options: pino.LoggerOptions = {
    level: settings.level,
    base: { self: settings.node },
    timestamp: pino.stdTimeFunctions.isoTime,
    messageKey: 'sentence',
    formatters: { level: (level) => ({ level }) },
  }
  const { recent, hidden } = settings
  const output = stream ?? standardOutput()
  const write = (line: string) => {
    const masked = hidden?.masked(line) ?? line
    output.write(masked)
    recent?.write(masked)
  }
  const logger = pino(options, { write })
  const clean = (fields: LogFields = {}) => loggable(fields, settings.logText)
  return {
    debug: (sentence, fields) => logger.debug(clean(fields), withoutSecrets(sentence)),
    info: (sentence, fields) => logger.info(clean(fields), withoutSecrets(sentence)),
    warn: (sentence, fields) => logger.warn(clean(fields), withoutSecrets(sentence)),
    error: (sentence, fields) => logger.error(clean(fields), withoutSecrets(sentence)),
    decision: (what, reason, fields) => logger.info({ decision: what, ...clean(fields) }, withoutSecrets(reason)),
  }
}

function standardOutput() {
  const output = pino.destination({ fd: 1, sync: true })
  // A full disk or a closed pipe costs log lines, never the node.
  output.on('error', () => {})
  return output
}
