/** Sentences of the `<meter-reader>` element, which stands in pages that are not ours. */

export const ELEMENT_TEXTS = {
  en: {
    prompt: "Photo of the meter: drop it here, or",
    choose: "Choose a photo",
    camera: "Take a photo",
    loading: "Loading the reader…",
    reading: "Reading…",
    label: "Meter reading",
    busy: "The photo is still being read. Wait a moment.",
    sure: "Read from the photo, {percent} sure. Correct it if it is wrong.",
    doubtful: "This may be wrong ({percent} sure). Compare it with the meter: correct it, or press “It is right”.",
    right: "It is right",
    confirmed: "Confirmed.",
    no_display: "No readable display was found. Move closer and take it again, or type the reading in.",
    required: "Take a photo of the meter, or type its reading in.",
    invalid: "A reading is 1 to 10 digits with at most one decimal point between them, such as 1234.5.",
    unconfirmed: "The reading is doubtful. Compare it with the meter: correct it, or press “It is right”.",
    failed: "The photo could not be read. Choose a JPEG, PNG or WebP picture, or type the reading in.",
    unavailable:
      "The reader could not be loaded. Check the connection and choose the photo again, or type the reading in.",
  },
  ru: {
    prompt: "Фото счётчика можно перетащить сюда или",
    choose: "Выбрать фото",
    camera: "Сфотографировать",
    loading: "Загружается программа чтения…",
    reading: "Чтение…",
    label: "Показание счётчика",
    busy: "Фото ещё читается. Подождите немного.",
    sure: "Прочитано с фото, уверенность {percent}. Исправьте, если неверно.",
    doubtful: "Здесь может быть ошибка (уверенность {percent}). Сверьте со счётчиком: исправьте или нажмите «Верно».",
    right: "Верно",
    confirmed: "Подтверждено.",
    no_display: "Читаемого табло не найдено. Снимите ещё раз, подойдя ближе, или введите показание.",
    required: "Снимите счётчик или введите показание.",
    invalid: "Показание — это от 1 до 10 цифр и не более одной запятой между ними, например 1234,5.",
    unconfirmed: "Показание сомнительно. Сверьте его со счётчиком: исправьте или нажмите «Верно».",
    failed: "Фото не удалось прочитать. Выберите JPEG, PNG или WebP либо введите показание.",
    unavailable:
      "Не удалось загрузить программу чтения. Проверьте связь и выберите фото ещё раз или введите показание.",
  },
};

/** @typedef {keyof typeof ELEMENT_TEXTS} ElementLanguage */
/** @typedef {keyof typeof ELEMENT_TEXTS.en} ElementText */

/**
 * @param {ElementLanguage} language
 * @param {ElementText} name
 * @param {number} [sure] 0 to 1, rounded down
 */
export function elementText(language, name, sure = 0) {
  const percent = new Intl.NumberFormat(language, { style: "percent" }).format(Math.floor(sure * 100) / 100);
  return ELEMENT_TEXTS[language][name].replace("{percent}", percent);
}
