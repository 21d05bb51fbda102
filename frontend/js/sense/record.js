/** A reading as it is kept with its meter. */
import { lastDrums } from "./observation.js";
import { shrunk } from "./pictures.js";

/**
 * @param {{id: string, time: number, photo: import("./pictures.js").Photo}} taken
 * @param {import("../store.js").Meter} meter
 * @param {import("../reader.js").Reading} reading what the picture alone says
 * @param {import("./propose.js").Proposal} proposal what is made of it
 * @returns {Promise<import("../store.js").StoredReading>}
 */
export async function recordOf({ id, time, photo }, meter, reading, { text, alone, accepted, kind, corrected }) {
  return {
    ...(await shrunk(photo)),
    id,
    meter: meter.id,
    time,
    text,
    rows: lastDrums(meter, reading.rows.slice(1)),
    alone,
    kind: accepted ? kind : "doubtful",
    corrected,
    version: `${reading.model} ${reading.version}`,
  };
}
