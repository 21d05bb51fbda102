/** Sentences of the links between the pages, and of the page with one's own meters. */

export const METERS_TEXTS = {
  en: {
    nav: "Pages",
    nav_read: "Read",
    nav_meters: "My meters",
    nav_batch: "Many photos",
  },
  ru: {
    nav: "Страницы",
    nav_read: "Чтение",
    nav_meters: "Счётчики",
    nav_batch: "Много фото",
  },
};
