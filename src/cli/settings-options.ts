import { InvalidSettings, resolveSettings, type Settings, settingRows } from '../config/settings.ts'
import { type Arguments, type OptionSpec, UsageError, type VerbIo } from './verb.ts'

/** Every setting of a node as an option of the command line. */
export function settingOptions(): Readonly<Record<string, OptionSpec>> {
  return Object.fromEntries(
    settingRows().map(({ option, setting }) => {
      const flag = typeof setting.fallback === 'boolean'
      const spec: OptionSpec = { type: flag ? 'boolean' : 'string', placeholder: 'value', help: setting.help }
      return [option, spec] as const
    }),
  )
}

/** The settings from options, environment and file. */
export function settingsFrom(args: Arguments, io: VerbIo, file?: { name: string; text: string }): Settings {
  const options = Object.fromEntries(
    settingRows().map(({ option, setting }) => [
      option,
      typeof setting.fallback === 'boolean' ? args.flag(option) || undefined : args.text(option),
    ]),
  )
  try {
    return resolveSettings({ options, env: io.env, ...(file && { file: { name: file.name, content: parsed(file) } }) })
  } catch (error) {
    throw error instanceof InvalidSettings ? new UsageError(error.message) : error
  }
}

function parsed({ name, text }: { name: string; text: string }): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new UsageError(`${name} is not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}
