import { type Settings, settingRows } from './settings.ts'

/** The settings as they may be shown to others, by path: of a secret only whether it is set. */
export function shownSettings(settings: Settings): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    settingRows().map(({ path, setting }) => {
      const value = valueAt(settings, path)
      return [path, setting.secret && value !== '' ? '***' : value]
    }),
  )
}

function valueAt(settings: Settings, path: string): unknown {
  return path.split('.').reduce<unknown>((part, name) => (part as Record<string, unknown>)[name], settings)
}
