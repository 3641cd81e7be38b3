import pino from 'pino'
import type { Log, LogFields } from '../base/log.ts'
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
  const output = stream ?? standardOutput()
  const { recent } = settings
  const logger = pino(options, recent ? both(output, recent) : output)
  const clean = (fields: LogFields = {}) => loggable(fields, settings.logText)
  return {
    debug: (sentence, fields) => logger.debug(clean(fields), withoutSecrets(sentence)),
    info: (sentence, fields) => logger.info(clean(fields), withoutSecrets(sentence)),
    warn: (sentence, fields) => logger.warn(clean(fields), withoutSecrets(sentence)),
    error: (sentence, fields) => logger.error(clean(fields), withoutSecrets(sentence)),
    decision: (what, reason, fields) => logger.info({ decision: what, ...clean(fields) }, withoutSecrets(reason)),
  }
}

function both(first: { write(line: string): void }, second: { write(line: string): void }) {
  return {
    write(line: string) {
      first.write(line)
      second.write(line)
    },
  }
}

function standardOutput() {
  const output = pino.destination({ fd: 1, sync: true })
  // A full disk or a closed pipe costs log lines, never the node.
  output.on('error', () => {})
  return output
}
