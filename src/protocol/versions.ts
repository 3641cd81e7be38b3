import { VERSIONS } from './client-frames.ts'

/** The highest version that both sides speak, if there is one. */
export function commonVersion(offered: readonly number[], own: readonly number[] = VERSIONS): number | undefined {
  return own.find((version) => offered.includes(version))
}
