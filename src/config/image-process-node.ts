import { constants, setPriority } from 'node:os'
import sharp, { type Sharp } from 'sharp'
import { IMAGE_EDGE_MAX, IMAGE_PIXELS_MAX } from './image-encoder-node.ts'

// A process of its own for each image: what the decoders of four libraries make of hostile bytes, and the pixels,
// which may be many times the file, stay out of the process that holds conversations. Started by
// `image-encoder-node.ts` with three words: what to read, where to write, and what both are.

type Encode = (image: Sharp) => Sharp

const FORMATS: Readonly<
  Record<string, { readonly loader: string; readonly animated: boolean; readonly encode: Encode }>
> = {
  png: { loader: 'VipsForeignLoadPng', animated: false, encode: (image) => image.png({ compressionLevel: 9 }) },
  jpg: { loader: 'VipsForeignLoadJpeg', animated: false, encode: (image) => image.jpeg({ quality: 90 }) },
  gif: { loader: 'VipsForeignLoadNsgif', animated: true, encode: (image) => image.gif() },
  webp: { loader: 'VipsForeignLoadWebp', animated: true, encode: (image) => image.webp({ quality: 90 }) },
  avif: { loader: 'VipsForeignLoadHeif', animated: false, encode: (image) => image.avif({ quality: 65 }) },
}

const [from = '', to = '', ending = ''] = process.argv.slice(2)
const format = FORMATS[ending]
if (!format) throw new Error(`no images end in .${ending}`)
setPriority(constants.priority.PRIORITY_LOW)
// Of all that the library could read, only what the file was found to be.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({ operation: [format.loader] })
sharp.concurrency(1)

// Turned as the camera said before that is forgotten with all other metadata.
const image = sharp(from, { animated: format.animated, limitInputPixels: IMAGE_PIXELS_MAX, autoOrient: true })
const fitted = image.resize({ width: IMAGE_EDGE_MAX, height: IMAGE_EDGE_MAX, fit: 'inside', withoutEnlargement: true })
await format.encode(fitted).toFile(to)
