import type { PublishedImage } from "../published/image.ts";
import { contradiction, short } from "./findings.ts";
import type { TrustFindings } from "./model.ts";

type Layered = Pick<PublishedImage, "manifest" | "config">;

/**
 * An image begins with exactly the layers of its science image. Both are looked at: what the manifest makes a runtime
 * fetch, and what the configuration says these bytes unpack to (`DiffID`), which runtimes check.
 */
export function compareLayers(image: Layered, science: Layered): TrustFindings {
  const broken = [...countLayers(image, "the image"), ...countLayers(science, "the science image")];
  return broken.length > 0 ? broken : comparePrefix(image, science);
}

function countLayers({ manifest, config }: Layered, what: string): TrustFindings {
  const [layers, diffIds] = [manifest.layers.length, config.rootfs.diff_ids.length];
  if (layers !== diffIds) {
    return [
      contradiction(
        "layers-disagree",
        `${what} has ${layers} layers by its manifest and ${diffIds} by its configuration`,
      ),
    ];
  }
  const history = config.history?.filter((each) => each.empty_layer !== true).length ?? layers;
  if (history === layers || config.history?.length === 0) return [];
  return [contradiction("layers-disagree", `${what} has ${layers} layers, and its history tells of ${history}`)];
}

function comparePrefix(image: Layered, science: Layered): TrustFindings {
  const wanted = science.manifest.layers;
  const at = wanted.findIndex((_, index) => !sameLayer(image, science, index));
  if (at === -1) return [];
  const found = image.manifest.layers[at];
  if (!found) {
    return [
      contradiction(
        "science-layer-missing",
        `the image has ${image.manifest.layers.length} layers, its science image alone has ${wanted.length}`,
      ),
    ];
  }
  return [replaced(image, science, at)];
}

const sameLayer = (image: Layered, science: Layered, at: number): boolean =>
  image.manifest.layers[at]?.digest === science.manifest.layers[at]?.digest &&
  image.config.rootfs.diff_ids[at] === science.config.rootfs.diff_ids[at];

function replaced(image: Layered, science: Layered, at: number) {
  const total = science.manifest.layers.length;
  const [own, wanted] = [image.manifest.layers[at]?.digest ?? "", science.manifest.layers[at]?.digest ?? ""];
  const sameContent = image.config.rootfs.diff_ids[at] === science.config.rootfs.diff_ids[at];
  const message = `layer ${at + 1} of the ${total} of science is not that of the science image`;
  const notes = [{ message: `it is ${short(own)}, the science image has ${short(wanted)}` }];
  if (sameContent) notes.push({ message: "the configuration claims the same content; only its bytes could tell" });
  return contradiction("science-layer-replaced", message, { notes });
}
