/** Sentences about working without a network, new versions and installing. */

export const OFFLINE_TEXTS = {
  en: {
    offline_kept: "Works offline: the page and model {model} are kept on this device.",
    offline_kept_networks: "Works offline: this page and its networks are kept on this device.",
    offline_failed: "Could not be kept for use offline. It is tried again at the next start.",
    offline_insecure: "Works offline only where the page comes by HTTPS: here it is loaded anew each time.",
    update_there:
      "A new version of this page is ready. It comes once all tabs of the page are closed; or reload when nothing is left to save.",
    update_reload: "Reload now",
    update_failed:
      "A new version of this page did not arrive whole; this one goes on. It is tried again at the next start.",
    model_ready: "Model {next} has arrived and was checked; it reads from the next start on.",
    model_waits:
      "An update to model {next} waits: it did not arrive whole. {model} goes on reading; it is tried again at the next start.",
    model_refused: "Model {next} does not compute correctly on this device. {model} goes on reading.",
    model_full: "There is no room on this device to keep model {next}. Free some space, then reload.",
    install: "Install as an app",
    install_ios: "To have this as an app: tap Share, then “Add to Home Screen”.",
  },
  ru: {
    offline_kept: "Работает без интернета: страница и модель {model} сохранены на этом устройстве.",
    offline_kept_networks: "Работает без интернета: эта страница и её нейросети сохранены на этом устройстве.",
    offline_failed: "Сохранить для работы без интернета не удалось. При следующем запуске будет новая попытка.",
    offline_insecure:
      "Без интернета работает, только если страница открыта по HTTPS: здесь она загружается каждый раз.",
    update_there:
      "Есть новая версия страницы. Она придёт сама, когда все её вкладки будут закрыты; или перезагрузите, когда всё сохранено.",
    update_reload: "Перезагрузить",
    update_failed:
      "Новая версия страницы пришла не полностью; работает прежняя. При следующем запуске будет новая попытка.",
    model_ready: "Модель {next} получена и проверена; она читает со следующего запуска.",
    model_waits:
      "Обновление до модели {next} ждёт: она пришла не полностью. Читает {model}; при следующем запуске будет новая попытка.",
    model_refused: "Модель {next} вычисляет на этом устройстве неверно. Читает {model}.",
    model_full: "На устройстве нет места для модели {next}. Освободите место и перезагрузите страницу.",
    install: "Установить как приложение",
    install_ios: "Чтобы открывать как приложение: «Поделиться», затем «На экран „Домой“».",
  },
};
