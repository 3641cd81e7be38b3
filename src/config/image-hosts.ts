import type { FieldFault } from './config-kind.ts'
import type { Configuration } from './configuration.ts'
import { CLUSTER_SETTINGS, hostsIn } from './kinds/settings-document.ts'

/** The hosts besides our own from which pages may show images. */
export function imageHostsOf(configuration: Configuration): readonly string[] {
  return hostsIn(configuration.one(CLUSTER_SETTINGS).imageHosts ?? '')
}

/** Addresses that no page would show: browsers are told to load images from the named hosts alone. */
export function imageFaults(
  addresses: Readonly<Record<string, string | undefined>>,
  configuration: Configuration,
): readonly FieldFault[] {
  const hosts = imageHostsOf(configuration)
  return Object.entries(addresses).flatMap(([field, address = '']) => {
    if (!/^https:/i.test(address)) return []
    const sentence = (host: string) => `Images of ${host} are not shown: name it in \`imageHosts\` of settings.`
    if (!URL.canParse(address)) return [{ field, sentence: 'This is no address.' }]
    const { host } = new URL(address)
    return hosts.some((allowed) => fits(host, allowed)) ? [] : [{ field, sentence: sentence(host) }]
  })
}

function fits(host: string, allowed: string): boolean {
  return allowed.startsWith('*.') ? host.endsWith(allowed.slice(1)) : host === allowed
}
