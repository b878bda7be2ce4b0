// Makes a picture of a page small: 16 colours, which fit into half a byte.
import sharp from 'sharp';

const COLOURS = 16;

/** A PNG of a fifth of the bytes. Small coloured parts keep their colour, such as links. */
export async function compress(png: Buffer): Promise<Buffer> {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const counts = new Map<number, number>();
  for (let at = 0; at < data.length; at += 3) {
    const colour = data.readUIntBE(at, 3);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const nearest = nearestColours(counts);
  for (let at = 0; at < data.length; at += 3) data.writeUIntBE(nearest.get(data.readUIntBE(at, 3))!, at, 3);
  const { width, height } = info;
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png({ palette: true, colours: COLOURS, dither: 0, effort: 10, compressionLevel: 9 })
    .toBuffer();
}

/**
 * For each colour the nearest one of a palette. The palette takes the commonest colour first, and
 * then the one that would be furthest off, by its pixels and its distance.
 */
function nearestColours(counts: ReadonlyMap<number, number>): Map<number, number> {
  const nearest = new Map<number, number>();
  let next = [...counts].reduce((most, one) => (one[1] > most[1] ? one : most))[0];
  for (let size = 0; size < COLOURS; size += 1) {
    const added = next;
    let worst = 0;
    for (const [colour, count] of counts) {
      const old = nearest.get(colour);
      const isNearer = old === undefined || distance(colour, added) < distance(colour, old);
      const now = isNearer ? added : old;
      nearest.set(colour, now);
      const loss = count * distance(colour, now);
      if (loss > worst) [worst, next] = [loss, colour];
    }
    if (worst === 0) break;
  }
  return nearest;
}

/** The square of the distance. */
function distance(one: number, other: number): number {
  return [16, 8, 0].reduce((sum, shift) => sum + (((one >> shift) & 255) - ((other >> shift) & 255)) ** 2, 0);
}
