import type { PlantedBug } from './planted-bug.ts'

/**
 * A page that is reloaded forgets what it had not been answered. No rule of the log is broken by what never reaches it:
 * its sender gets no answer.
 */
export const outboxLostOnReload: PlantedBug = {
  name: 'outbox-lost-on-reload',
  sentence: 'The outbox does not outlive a reload.',
  breaks: ['convergence'],
  // What was on its way when the page went is mostly in the log: few reloads lose anything.
  minutes: 3,
  wrapPage: (ports) => ({
    ...ports,
    storage: { load: () => undefined, save: (text) => ports.storage.save(text) },
  }),
}
