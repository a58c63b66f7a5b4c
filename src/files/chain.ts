import { type Digest, sha256Digest } from "../oci/digest.ts";

/**
 * Names the result of layers, lowest first; undefined for none:
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md#layer-chainid
 */
export const chainId = (layers: readonly Digest[]): Digest | undefined =>
  layers.reduce<Digest | undefined>((below, layer) => (below ? sha256Digest(`${below} ${layer}`) : layer), undefined);
