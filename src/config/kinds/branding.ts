import { configKind } from '../config-kind.ts'
import { imageFaults } from '../image-hosts.ts'
import { colour, fields, flag, image, line } from './field-types.ts'

/** How the pages look that visitors and staff see. */
export const BRANDING = configKind({
  kind: 'branding',
  title: 'Branding',
  about: 'Name, colours and images of the pages that visitors and staff see.',
  many: false,
  schema: fields({
    name: line('The name that stands on every page.', { lengthMax: 60, fallback: 'Holdfast' }),
    colour: colour('Buttons, links and the visitor’s own messages.', '#1d4ed8'),
    background: colour('Behind the conversation.', '#ffffff'),
    backgroundImage: image('Behind the conversation, in the place of the colour.'),
    logo: image('The logo.'),
    poweredBy: flag('Says at the foot of the widget what it is made with.', true),
  }),
  check: ({ logo, backgroundImage }, configuration) => imageFaults({ logo, backgroundImage }, configuration),
})
