import type { Crumb, PublishedImage } from "./model.ts";

/** The crumb of the layer that an image is: the compat build's, else that of the science image its repository names. */
export function ownCrumb({ reference, crumbs }: PublishedImage): Crumb | undefined {
  if (/(^|\/)rel\/[^/]+$/.test(reference)) return crumbs.compat;
  const target = /(?:^|\/)sci\/([^/:@]+)[^/]*$/.exec(reference)?.[1];
  return crumbs.science.find(({ name }) => name === target) ?? crumbs.compat ?? crumbs.science.at(-1);
}
