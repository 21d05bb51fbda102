/** The part of Workbox that workbox.js exports, as the service worker uses it. */
export interface Entry {
  url: string;
  revision: string;
  integrity: string;
}

export interface Plugin {
  requestWillFetch?(about: { request: Request; event?: Event }): Promise<Request>;
}

export interface Route {
  url: URL;
  request: Request;
  sameOrigin: boolean;
}

export function addPlugins(plugins: Plugin[]): void;
export function precacheAndRoute(
  entries: Entry[],
  options: { directoryIndex: string; cleanURLs: boolean; ignoreURLParametersMatching: RegExp[] },
): void;
export function registerRoute(matches: (route: Route) => boolean, handle: (route: Route) => Promise<Response>): void;
