/** Sentences of the `<meter-reader>` element, which stands in pages that are not ours. */

export const ELEMENT_TEXTS = {
  en: {
    prompt: "Photo of the meter: drop it here, or",
    choose: "Choose a photo",
    camera: "Take a photo",
    loading: "Loading the reader…",
    reading: "Reading…",
    label: "Meter reading",
    sure: "Read from the photo, {percent} sure. Correct it if it is wrong.",
    doubtful: "This may be wrong ({percent} sure). Compare it with the meter and correct it.",
    no_display: "No readable display was found. Take the photo closer, or type the reading in.",
    required: "Take a photo of the meter, or type its reading in.",
    invalid: "A reading is 1 to 10 digits with at most one decimal point between them, such as 1234.5.",
    unconfirmed: "The reading is doubtful. Compare it with the meter, then press Enter in its field.",
    failed: "The photo could not be read. Choose a JPEG, PNG or WebP picture, or type the reading in.",
    unavailable: "The reader could not be loaded. Try another photo, or type the reading in.",
  },
  ru: {
    prompt: "Фото счётчика: перетащите сюда или",
    choose: "Выберите фото",
    camera: "Снимите",
    loading: "Загрузка…",
    reading: "Чтение…",
    label: "Показание счётчика",
    sure: "Прочитано с фото, уверенность {percent}. Исправьте, если неверно.",
    doubtful: "Здесь может быть ошибка (уверенность {percent}). Сверьте со счётчиком и исправьте.",
    no_display: "Читаемого табло не найдено. Снимите ближе или введите показание.",
    required: "Снимите счётчик или введите показание.",
    invalid: "Показание — это от 1 до 10 цифр и не более одной запятой между ними, например 1234,5.",
    unconfirmed: "Показание сомнительно. Сверьте его со счётчиком и нажмите Enter в его поле.",
    failed: "Фото не удалось прочитать. Выберите JPEG, PNG или WebP либо введите показание.",
    unavailable: "Не удалось загрузить программу чтения. Попробуйте другое фото или введите показание.",
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
